// MakeSettings: from what a verifier's owner gave, as octets, to settings. All or nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/path/certificate_path.h"
#include "core/path/path_settings.h"
#include "core/revocation/policy.h"
#include "core/verdict/requirements.h"

namespace client_cert {

struct VerifierSettings;

// What stands in a PEM block or a DER file.
struct Material {
  Bytes der;
  AuxiliaryTrust auxiliary = AuxiliaryTrust::kRefused;
};

struct SettingsInput {
  std::vector<Material> ca;
  std::vector<Bytes> intermediates;
  std::vector<Bytes> crls;
  std::vector<Bytes> allowed_issuers;
  std::vector<Bytes> distrusted;  // certificates, beside what is in `requirements`
  std::vector<Bytes> ocsp_responses;
  std::optional<Bytes> responder_certificate;
  std::vector<std::string> purposes;  // OIDs; empty: any
  PathSettings path;
  Requirements requirements;  // all but purposes and allowed_issuers, and of what is distrusted only the digests
  RevocationPolicy revocation;
};

// Which of the inputs cannot be read.
struct SettingsFault {
  std::string_view input;  // 'ca', 'intermediates', ... as in the public options
  std::size_t index = 0;
  std::string_view reason;
  std::optional<Malformed> malformed;
};

std::variant<std::shared_ptr<const VerifierSettings>, SettingsFault> MakeSettings(SettingsInput input);

}  // namespace client_cert
