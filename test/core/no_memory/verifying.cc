// Scenarios without connections.
#include <memory>
#include <utility>
#include <variant>

#include "core/base/budget.h"
#include "no_memory/scenario.h"
#include "no_memory/world.h"

namespace client_cert_test {

using namespace client_cert;

namespace {

// The CRL that revokes, which was fetched. False where it could not be taken.
bool OfferCrl(Verifier& verifier, std::int64_t at) {
  const auto read = verifier.Read(TheWorld().revoked().chain);
  const auto* presented = std::get_if<Presented>(&read);
  if (presented == nullptr) return false;
  const OutcomePtr outcome = verifier.Verify(*presented, at);
  if (IsValid(outcome)) Wrong("valid before the CRL was offered");
  if (!outcome || outcome->revocation.empty()) return false;
  OfferedEvidence evidence;
  evidence.octets = TheWorld().crl;
  evidence.url = "http://a.test/crl";
  evidence.key = outcome->revocation.front().key;
  const OfferState state = verifier.Offer(*presented, at, std::move(evidence)).state;
  if (IsValid(verifier.Verify(*presented, at))) Wrong("valid after the CRL was offered");
  ExpectEmptyQueue();
  return state == OfferState::kUsed;
}

}  // namespace

Scenario MakingSettings() {
  const auto made = std::make_shared<Settings>();
  const auto input = std::make_shared<SettingsInput>();
  return {[=] { *input = Input(); },  //
          [=] { *made = SettingsOf(std::move(*input)); },
          [=] {
            // Whole, or not at all.
            if (!*made) *made = SettingsOf(Input());
            Verifier verifier(std::exchange(*made, nullptr));
            ExpectVerdicts(verifier);
          }};
}

Scenario Verifying() {
  const auto verifier = std::make_shared<std::unique_ptr<Verifier>>();
  return {[=] { *verifier = std::make_unique<Verifier>(SettingsOf(Input())); }, [=] { AskAll(**verifier); },
          [=] {
            (*verifier)->Replace(SettingsOf(Input()));
            ExpectVerdicts(**verifier);
            verifier->reset();
          }};
}

Scenario Replacing() {
  const auto verifier = std::make_shared<std::unique_ptr<Verifier>>();
  return {[=] {
            SettingsInput input = Input();
            input.crls.clear();
            input.ocsp_responses.clear();
            input.revocation.mode = RevocationMode::kNone;
            input.requirements.distrusted_certificates.clear();
            *verifier = std::make_unique<Verifier>(SettingsOf(std::move(input)));
            for (const Client& client : TheWorld().clients) Ask(**verifier, client);
          },
          [=] {
            const Settings stricter = SettingsOf(Input());
            if (!stricter) return;
            (*verifier)->Replace(stricter);
            AskAll(**verifier);
          },
          [=] {
            (*verifier)->Replace(SettingsOf(Input()));
            ExpectVerdicts(**verifier);
            verifier->reset();
          }};
}

Scenario Offering() {
  const auto verifier = std::make_shared<std::unique_ptr<Verifier>>();
  return {[=] {
            SettingsInput input = Input();
            input.crls = {TheWorld().crl_of_root};
            input.revocation.mode = RevocationMode::kOnline;
            *verifier = std::make_unique<Verifier>(SettingsOf(std::move(input)));
          },
          [=] { OfferCrl(**verifier, Now()); },
          [=] {
            if (!OfferCrl(**verifier, Now() + budget::kRefusalSeconds)) Wrong("the CRL is not taken afterwards");
            ExpectVerdicts(**verifier);
            verifier->reset();
          }};
}

Scenario FirstUse() {
  const auto verifier = std::make_shared<std::unique_ptr<Verifier>>();
  return {[=] { *verifier = std::make_unique<Verifier>(SettingsOf(Input())); }, [=] { AskAll(**verifier); },
          [=] {
            *verifier = std::make_unique<Verifier>(SettingsOf(Input()));
            ExpectVerdicts(**verifier);
          }};
}

}  // namespace client_cert_test
