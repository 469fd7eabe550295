//! The use cases and the one public API: Homeline and its parts, screen models, ports to the platform.
