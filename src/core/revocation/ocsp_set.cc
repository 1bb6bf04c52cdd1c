#include <algorithm>
#include <utility>

#include "core/revocation/ocsp_response.h"

namespace client_cert {
namespace {

std::string_view KeyOf(ByteView serial) { return {reinterpret_cast<const char*>(serial.data()), serial.size()}; }

}  // namespace

OcspSet::OcspSet(std::vector<OcspResponsePtr> responses) : responses_(std::move(responses)) {
  for (const OcspResponsePtr& response : responses_) {
    for (const OcspSingleResponse& single : response->single_responses()) {
      auto& with_serial = by_serial_[KeyOf(single.cert_id.serial)];
      // Several CAs may have given the same number; the response is there once.
      if (with_serial.empty() || with_serial.back() != response) with_serial.push_back(response);
    }
  }
}

std::vector<OcspResponsePtr> OcspSet::WithSerial(ByteView serial) const {
  const auto found = by_serial_.find(KeyOf(serial));
  return found == by_serial_.end() ? std::vector<OcspResponsePtr>{} : found->second;
}

}  // namespace client_cert
