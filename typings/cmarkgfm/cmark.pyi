class Options:
    CMARK_OPT_UNSAFE: int
    CMARK_OPT_HARDBREAKS: int
