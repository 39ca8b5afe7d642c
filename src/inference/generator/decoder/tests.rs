//! Does the fast model say what the plain one says?
