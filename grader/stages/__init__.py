"""One step of a grading each: values in, a value out."""
