"""A client of GSSAPI, told by lines of JSON what to do; it answers each with a line of JSON. For what curl cannot do."""
import base64
import json
import sys

import gssapi
from gssapi.raw import ChannelBindings, acquire_cred_with_password

OIDS = {
    "spnego": "1.3.6.1.5.5.2",
    "krb5": "1.2.840.113554.1.2.2",
    "ntlm": "1.3.6.1.4.1.311.2.2.10",
}
FLAGS = {flag.name: flag for flag in gssapi.RequirementFlag}
contexts = {}


def oid(name):
    return gssapi.OID.from_int_seq(OIDS[name])


def credential(ask):
    if "user" not in ask:
        return None
    name = gssapi.Name(ask["user"], gssapi.NameType.user)
    mechs = [oid(ask["mech"])]
    acquired = acquire_cred_with_password(name, ask["password"].encode(), mechs=mechs, usage="initiate").creds
    creds = gssapi.Credentials(base=acquired)
    return creds


def new(ask):
    binding = ask.get("binding")
    contexts[ask["id"]] = gssapi.SecurityContext(
        name=gssapi.Name(ask["service"], gssapi.NameType.hostbased_service),
        mech=oid(ask["mech"]),
        usage="initiate",
        creds=credential(ask),
        flags=[FLAGS[flag] for flag in ask["flags"]],
        channel_bindings=ChannelBindings(application_data=base64.b64decode(binding)) if binding else None,
    )
    return step(ask)


def step(ask):
    context = contexts[ask["id"]]
    token = context.step(base64.b64decode(ask["token"])) if "token" in ask else context.step()
    return {
        "token": base64.b64encode(token).decode() if token is not None else None,
        "complete": context.complete,
        "mutual": context.complete and gssapi.RequirementFlag.mutual_authentication in context.actual_flags,
    }


for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"new": new, "step": step}[asked["do"]](asked)
    except gssapi.exceptions.GSSError as error:
        answer = {"error": str(error)}
    if answer.get("complete") or "error" in answer:
        contexts.pop(asked["id"], None)
    print(json.dumps(answer), flush=True)
