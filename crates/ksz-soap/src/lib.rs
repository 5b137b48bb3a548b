//! SOAP envelopes and faults of KSZ and the eHealth platform
