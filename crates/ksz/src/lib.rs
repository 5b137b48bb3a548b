//! Calls to the Crossroads Bank for Social Security, eHealth and OAuth services
