"""From programs to compiled loops: all LLVM and all templates that are written by hand."""
