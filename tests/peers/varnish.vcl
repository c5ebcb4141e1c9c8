# Varnish as an expert would set it up to keep a site up. {{...}} is filled in by `cargo xtask bench outage`.
vcl 4.1;
import std;

backend site {
  .host = "127.0.0.1";
  .port = "{{origin_port}}";
  .connect_timeout = 1s;
  .first_byte_timeout = 2s;
  .between_bytes_timeout = 2s;
  # Two of three probes decide; one a second.
  .probe = {
    .url = "/probe";
    .interval = 1s;
    .timeout = 1s;
    .window = 3;
    .threshold = 2;
    .initial = 2;
  }
}

sub vcl_recv {
  # While the site is well a page is at most ten seconds behind; when it is sick, or a request has just failed,
  # whatever is kept will do.
  if (std.healthy(req.backend_hint) && req.restarts == 0) {
    set req.grace = 10s;
  } else {
    set req.grace = 7d;
  }
}

sub vcl_backend_response {
  set beresp.grace = 7d;
  # An error never takes a page's place: what is fetched in the background is dropped, the rest is tried as a copy.
  if (beresp.status >= 500) {
    if (bereq.is_bgfetch) {
      return (abandon);
    }
    return (error(503));
  }
  # What the origin declares gone goes from the store too, also where that answer itself may not be kept.
  if (beresp.status == 404 || beresp.status == 410) {
    if (std.ban("obj.http.x-url == " + bereq.url)) {
      set beresp.grace = 0s;
    }
  }
  set beresp.http.x-url = bereq.url;
  # A body that breaks off is seen before it is passed on only if it is fetched whole.
  if (beresp.http.Content-Length && std.integer(beresp.http.Content-Length, 0) < 1000000) {
    set beresp.do_stream = false;
  }
}

sub vcl_backend_error {
  # Not kept: the next request shall ask again.
  set beresp.ttl = 0s;
  set beresp.grace = 0s;
}

sub vcl_deliver {
  # A fetch has failed for a page of which there may be a copy that is older than the healthy grace: once more.
  if (resp.status == 503 && req.restarts == 0) {
    return (restart);
  }
  unset resp.http.x-url;
  if (obj.hits > 0) {
    set resp.http.X-Cache = "HIT";
  } else {
    set resp.http.X-Cache = "MISS";
  }
}

sub vcl_synth {
  if (resp.status == 503 && req.restarts == 0) {
    return (restart);
  }
}
