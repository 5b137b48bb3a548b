//! Calls to KSZ and the eHealth platform, and the doctor
