"""What people read: terminal tables, pictures, the one-file report, and the pages of `detente show`."""
