// GssapiLibrary: the functions of MIT's libgssapi_krb5, found at run time. The package works without it.
#pragma once

#include <string>

#include "core/negotiate/gssapi_abi.h"

namespace client_cert {

struct GssapiLibrary {
  gss::Status (*acquire_cred_from)(gss::Status*, gss::Name, std::uint32_t, gss::OidSet*, int, const gss::KeyValueSet*,
                                   gss::Credential*, gss::OidSet**, std::uint32_t*);
  gss::Status (*set_neg_mechs)(gss::Status*, gss::Credential, const gss::OidSet*);
  gss::Status (*release_cred)(gss::Status*, gss::Credential*);
  gss::Status (*inquire_cred)(gss::Status*, gss::Credential, gss::Name*, std::uint32_t*, int*, gss::OidSet**);
  gss::Status (*store_cred_into)(gss::Status*, gss::Credential, int, gss::Oid*, std::uint32_t, std::uint32_t,
                                 const gss::KeyValueSet*, gss::OidSet**, int*);
  gss::Status (*accept_sec_context)(gss::Status*, gss::Context*, gss::Credential, gss::Buffer*, gss::ChannelBindings*,
                                    gss::Name*, gss::Oid**, gss::Buffer*, std::uint32_t*, std::uint32_t*,
                                    gss::Credential*);
  gss::Status (*delete_sec_context)(gss::Status*, gss::Context*, gss::Buffer*);
  gss::Status (*inquire_context)(gss::Status*, gss::Context, gss::Name*, gss::Name*, std::uint32_t*, gss::Oid**,
                                 std::uint32_t*, int*, int*);
  gss::Status (*inquire_sec_context_by_oid)(gss::Status*, gss::Context, gss::Oid*, gss::BufferSet**);
  gss::Status (*export_sec_context)(gss::Status*, gss::Context*, gss::Buffer*);
  gss::Status (*import_sec_context)(gss::Status*, gss::Buffer*, gss::Context*);
  gss::Status (*import_name)(gss::Status*, gss::Buffer*, gss::Oid*, gss::Name*);
  gss::Status (*display_name)(gss::Status*, gss::Name, gss::Buffer*, gss::Oid**);
  gss::Status (*release_name)(gss::Status*, gss::Name*);
  gss::Status (*localname)(gss::Status*, gss::Name, const gss::Oid*, gss::Buffer*);
  gss::Status (*display_status)(gss::Status*, gss::Status, int, gss::Oid*, std::uint32_t*, gss::Buffer*);
  gss::Status (*indicate_mechs)(gss::Status*, gss::OidSet**);
  gss::Status (*release_oid_set)(gss::Status*, gss::OidSet**);
  gss::Status (*release_buffer)(gss::Status*, gss::Buffer*);
  gss::Status (*release_buffer_set)(gss::Status*, gss::BufferSet**);
};

// The library, which stays for good once it is there; null where it is not, with what is missing. Any thread.
const GssapiLibrary* FindGssapi(std::string& missing);

}  // namespace client_cert
