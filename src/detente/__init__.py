"""détente: rival theories of a security system, executable over one shared model."""
