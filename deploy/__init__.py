"""Tools for deploying the service: lock files, vendored files, translations, the benchmark."""
