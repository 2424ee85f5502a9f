# Each request comes from a network of its own, as far as the server can tell (it trusts this machine as a proxy):
# guards against wrong tokens would otherwise refuse everything after the first dozen of them.

import itertools

import schemathesis

networks = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(networks)
    case.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
