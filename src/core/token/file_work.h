// FileWork: one operation on files, as a user. What node:fs does in several turns is one here.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/owned_fd.h"
#include "core/token/failure.h"
#include "core/token/impersonation_pool.h"

namespace client_cert {

enum class FileOperation : std::uint8_t {
  kOpen,
  kReadFile,
  kWriteFile,
  kStat,
  kLstat,
  kAccess,
  kReaddir,
  kMkdir,
  kRmdir,
  kUnlink,
  kRename,
};

struct FileRequest {
  FileOperation operation = FileOperation::kStat;
  std::string path;  // octets, without NUL; absolute
  std::string to;    // kRename
  int flags = 0;     // O_*; of kAccess: R_OK, W_OK, X_OK
  mode_t mode = 0;
  mode_t umask = 0;
  bool recursive = false;  // kMkdir
  bool flush = false;      // kWriteFile
  Bytes octets;            // kWriteFile
};

struct FileTime {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
};

struct FileStatus {
  std::uint64_t device = 0;
  std::uint32_t mode = 0;
  std::uint32_t links = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t special_device = 0;
  std::uint32_t block_size = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::uint64_t blocks = 0;
  FileTime accessed;
  FileTime modified;
  FileTime changed;
  FileTime born;
};

struct DirectoryEntry {
  std::string name;
  std::uint8_t type = 0;  // DT_*
};

struct FileResult {
  std::optional<Failure> failure;
  OwnedFd fd;                           // kOpen
  Bytes octets;                         // kReadFile
  std::optional<FileStatus> status;     // kStat, kLstat
  std::vector<DirectoryEntry> entries;  // kReaddir
  std::string created;                  // kMkdir: the first folder that was missing
};

// Who waits for a result. Called on other threads.
struct FileReply {
  std::function<bool()> is_wanted;
  std::function<void(FileResult)> done;  // at most once
};

// False: too much waits already, and nothing comes of it.
bool SubmitFileWork(IdentityPtr identity, FileRequest request, FileReply reply);

}  // namespace client_cert
