"""One module for each verb: it parses, calls one operation, and hands the result on."""
