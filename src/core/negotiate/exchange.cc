#include "core/negotiate/exchange.h"

#include <span>
#include <utility>

namespace client_cert {
namespace {

GssFailure Refused(SecStatus status, std::string message) { return {status, gss::kFailure, 0, std::move(message)}; }

// gss-ntlmssp counts the NUL after its texts. Any other one stays, and is nobody's name.
std::string NameIn(const OwnedBuffer& text) {
  std::string name = text.Text();
  if (!name.empty() && name.back() == '\0') name.pop_back();
  return name;
}

std::optional<std::string> DisplayName(const GssapiLibrary& library, gss::Name name) {
  OwnedBuffer text(library);
  gss::Status minor = 0;
  if (name == nullptr || gss::IsError(library.display_name(&minor, name, text.Put(), nullptr))) return std::nullopt;
  return NameIn(text);
}

std::optional<std::string> LocalName(const GssapiLibrary& library, gss::Name name) {
  OwnedBuffer text(library);
  gss::Status minor = 0;
  if (gss::IsError(library.localname(&minor, name, nullptr, text.Put()))) return std::nullopt;
  return NameIn(text);
}

struct Inquired {
  std::optional<Mechanism> mechanism;
  std::optional<std::string> name;
  std::uint32_t lifetime = 0;
  gss::Status major = gss::kComplete;
  gss::Status minor = 0;
};

// What is established as the library knows it, the mechanism within SPNEGO among it.
Inquired Inquire(const GssapiLibrary& library, gss::Context context) {
  Inquired found;
  OwnedName source(library);
  gss::Oid* mechanism = nullptr;
  found.major = library.inquire_context(&found.minor, context, source.Put(), nullptr, &found.lifetime, &mechanism,
                                        nullptr, nullptr, nullptr);
  if (gss::IsError(found.major)) return found;
  found.mechanism = MechanismOf(mechanism);
  found.name = DisplayName(library, source.get());
  return found;
}

// Kerberos and NTLM give the key as the first of several buffers.
std::optional<Secret> SessionKeyOf(const GssapiLibrary& library, gss::Context context) {
  OwnedBufferSet set(library);
  gss::Status minor = 0;
  const gss::Status major = library.inquire_sec_context_by_oid(&minor, context, &SessionKeyQuery(), set.Put());
  if (gss::IsError(major) || set.get() == nullptr || set.get()->count == 0) return std::nullopt;
  const std::span<const std::uint8_t> key{static_cast<const std::uint8_t*>(set.get()->elements->value),
                                          set.get()->elements->length};
  return Secret({key.begin(), key.end()});
}

// What accepting the last token has said.
struct Accepted {
  gss::Name source = nullptr;
  std::uint32_t flags = 0;
  std::uint32_t lifetime = 0;
};

std::variant<GoesOn, Established, GssFailure> Read(const GssapiLibrary& library, gss::Context& context,
                                                   const Accepted& accepted, const StepInput& input) {
  const Inquired inquired = Inquire(library, context);
  if (gss::IsError(inquired.major)) return FailureOf(library, inquired.major, inquired.minor, nullptr);
  if (!inquired.mechanism || !inquired.name)
    return Refused(SecStatus::kSecpkgNotFound, "the mechanism is none of ours");
  // What inquiring says of it is 0 with gss-ntlmssp, always.
  if (accepted.lifetime == 0) return Refused(SecStatus::kContextExpired, "the context has expired");
  Established established;
  established.mechanism = *inquired.mechanism;
  established.name = *inquired.name;
  established.flags = accepted.flags;
  established.lifetime = accepted.lifetime;
  if (input.wants_local_name) established.local_name = LocalName(library, accepted.source);
  // Last: nothing can be asked of a context that was exported.
  if (input.wants_export && (accepted.flags & gss::kTransferable) != 0) {
    OwnedBuffer exported(library);
    gss::Status minor = 0;
    const gss::Status major = library.export_sec_context(&minor, &context, exported.Put());
    if (gss::IsError(major)) return FailureOf(library, major, minor, nullptr);
    established.exported = Secret(exported.Copy());
  }
  return established;
}

}  // namespace

Exchange::~Exchange() { Delete(); }

void Exchange::Delete() {
  gss::Status minor = 0;
  if (context_ != nullptr) acceptor_->library().delete_sec_context(&minor, &context_, nullptr);
  context_ = nullptr;
}

Step Exchange::End(Step step) {
  Delete();
  is_over_ = true;
  return step;
}

Step Exchange::Accept(const StepInput& input) {
  const std::lock_guard lock(mutex_);
  if (is_over_) return {{}, Refused(SecStatus::kInvalidToken, "this exchange is over")};
  const GssapiLibrary& library = acceptor_->library();

  // Neither is written to, though C has no way to say so.
  Bytes token_octets = input.token;
  Bytes binding_octets = input.channel_binding.value_or(Bytes{});
  gss::Buffer token{token_octets.size(), token_octets.data()};
  gss::ChannelBindings bindings{};
  bindings.application_data = {binding_octets.size(), binding_octets.data()};

  OwnedName source(library);
  OwnedBuffer output(library);
  OwnedCredential delegated(library);
  gss::Oid* mechanism = nullptr;
  Accepted accepted;
  gss::Status minor = 0;
  const gss::Status major = library.accept_sec_context(
      &minor, &context_, acceptor_->get(), &token, input.channel_binding ? &bindings : nullptr, source.Put(),
      &mechanism, output.Put(), &accepted.flags, &accepted.lifetime, input.wants_delegated ? delegated.Put() : nullptr);
  if (gss::IsError(major)) return End({{}, FailureOf(library, major, minor, mechanism)});
  // Tokens that were seen before are no authentication, though a context may take them.
  if ((major & (gss::kDuplicateToken | gss::kOldToken)) != 0) {
    return End({{}, FailureOf(library, major, minor, mechanism)});
  }
  if ((major & gss::kContinueNeeded) != 0) return {output.Copy(), GoesOn{}};

  accepted.source = source.get();
  auto outcome = Read(library, context_, accepted, input);
  if (auto* const established = std::get_if<Established>(&outcome);
      established != nullptr && delegated.get() != nullptr) {
    established->delegated = std::make_shared<const GssCredential>(library, std::move(delegated));
    established->delegated_of = established->delegated->Describe();
  }
  return End({output.Copy(), std::move(outcome)});
}

std::variant<Imported, GssMissing, GssFailure> ImportContext(Bytes& exported) {
  std::string missing;
  const GssapiLibrary* const library = FindGssapi(missing);
  if (library == nullptr) return GssMissing{missing};
  gss::Buffer octets{exported.size(), exported.data()};
  gss::Context context = nullptr;
  gss::Status minor = 0;
  const gss::Status major = library->import_sec_context(&minor, &octets, &context);
  if (gss::IsError(major)) return FailureOf(*library, major, minor, nullptr);
  const Inquired inquired = Inquire(*library, context);
  Imported imported;
  imported.session_key = SessionKeyOf(*library, context);
  library->delete_sec_context(&minor, &context, nullptr);
  if (gss::IsError(inquired.major)) return FailureOf(*library, inquired.major, inquired.minor, nullptr);
  if (!inquired.mechanism || !inquired.name)
    return Refused(SecStatus::kInvalidToken, "the context says nothing of itself");
  imported.mechanism = *inquired.mechanism;
  imported.name = *inquired.name;
  imported.lifetime = inquired.lifetime;
  return imported;
}

}  // namespace client_cert
