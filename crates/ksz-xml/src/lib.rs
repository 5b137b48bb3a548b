//! Reading XML within limits and writing it in canonical form
