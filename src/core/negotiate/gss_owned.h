// Owners of what GSSAPI hands out. Each is released once, by the library that made it.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include "core/base/bytes.h"
#include "core/negotiate/gssapi_library.h"
#include "core/openssl/wipe.h"

namespace client_cert {

// A handle of type `T` (a pointer), and which member of GssapiLibrary releases it.
template <class T, auto kRelease>
class GssOwned {
 public:
  explicit GssOwned(const GssapiLibrary& library) : library_(&library) {}
  GssOwned(const GssOwned&) = delete;
  GssOwned& operator=(const GssOwned&) = delete;
  GssOwned(GssOwned&& other) noexcept : library_(other.library_), handle_(other.handle_) { other.handle_ = nullptr; }
  GssOwned& operator=(GssOwned&&) = delete;
  ~GssOwned() { Reset(); }

  T get() const { return handle_; }
  // For the library to write to. What was there is released.
  T* Put() {
    Reset();
    return &handle_;
  }
  // For the library to change in place.
  T* Change() { return &handle_; }
  void Reset() {
    gss::Status minor = 0;
    if (handle_ != nullptr) (library_->*kRelease)(&minor, &handle_);
    handle_ = nullptr;
  }

 private:
  const GssapiLibrary* library_;
  T handle_ = nullptr;
};

using OwnedName = GssOwned<gss::Name, &GssapiLibrary::release_name>;
using OwnedCredential = GssOwned<gss::Credential, &GssapiLibrary::release_cred>;
using OwnedOidSet = GssOwned<gss::OidSet*, &GssapiLibrary::release_oid_set>;
using OwnedBufferSet = GssOwned<gss::BufferSet*, &GssapiLibrary::release_buffer_set>;

// Octets that the library allocated; wiped before they are released, since some are keys.
class OwnedBuffer {
 public:
  explicit OwnedBuffer(const GssapiLibrary& library) : library_(&library) {}
  OwnedBuffer(const OwnedBuffer&) = delete;
  OwnedBuffer& operator=(const OwnedBuffer&) = delete;
  ~OwnedBuffer() {
    if (buffer_.value != nullptr) Wipe({static_cast<std::uint8_t*>(buffer_.value), buffer_.length});
    gss::Status minor = 0;
    library_->release_buffer(&minor, &buffer_);
  }

  gss::Buffer* Put() { return &buffer_; }
  Bytes Copy() const {
    const ByteView view{static_cast<const std::uint8_t*>(buffer_.value), buffer_.length};
    return {view.begin(), view.end()};
  }
  std::string Text() const { return {static_cast<const char*>(buffer_.value), buffer_.length}; }

 private:
  const GssapiLibrary* library_;
  gss::Buffer buffer_{0, nullptr};
};

}  // namespace client_cert
