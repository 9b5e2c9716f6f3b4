"""Questions asked of many futures: outcomes, comparisons, agreement, answers; and claims tested on data."""
