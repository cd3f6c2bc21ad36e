"""Search in Chinese and every other language: from what a reader types to articles, counts, facets and months."""
