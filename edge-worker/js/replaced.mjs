// Written by `cargo xtask build-worker` from shared/data/request-fields.toml. Do not edit.

export const FORWARDING = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
];

export const ADDRESSES = [
  "client-ip",
  "fastly-client-ip",
  "forwarded-for",
  "proxy-client-ip",
  "real-ip",
  "true-client-ip",
  "wl-proxy-client-ip",
  "x-appengine-user-ip",
  "x-azure-clientip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-forwarded",
  "x-originating-ip",
  "x-real-ip",
  "x-remote-addr",
  "x-remote-ip",
];
