#include "core/token/file_work.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <utility>

#include "core/base/budget.h"
#include "core/token/file_system_view.h"

namespace client_cert {
namespace {

constexpr std::size_t kFirstRead = std::size_t{16} * 1024;

// Calls again what a signal interrupted.
template <class Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using OwnedDirectory = std::unique_ptr<DIR, CloseDirectory>;

std::uint64_t DeviceNumber(std::uint32_t major_number, std::uint32_t minor_number) {
  return makedev(major_number, minor_number);
}

FileTime TimeOf(const struct statx_timestamp& time) { return {time.tv_sec, time.tv_nsec}; }

class FileOperations {
 public:
  FileOperations(const FileRequest& request, FileResult& result) : request_(request), result_(result) {}

  void Perform() {
    switch (request_.operation) {
      case FileOperation::kOpen:
        result_.fd = Open();
        return;
      case FileOperation::kReadFile:
        return ReadFile();
      case FileOperation::kWriteFile:
        return WriteFile();
      case FileOperation::kStat:
        return Stat(0, "stat");
      case FileOperation::kLstat:
        return Stat(AT_SYMLINK_NOFOLLOW, "lstat");
      case FileOperation::kAccess:
        // Not access(): that asks for the real user, which is the server's.
        return Check("access", faccessat(AT_FDCWD, Path(), request_.flags, AT_EACCESS));
      case FileOperation::kReaddir:
        return ReadDirectory();
      case FileOperation::kMkdir:
        return request_.recursive ? MakeDirectories() : Check("mkdir", mkdir(Path(), Mode()));
      case FileOperation::kRmdir:
        return Check("rmdir", rmdir(Path()));
      case FileOperation::kUnlink:
        return Check("unlink", unlink(Path()));
      case FileOperation::kRename:
        return Check("rename", rename(Path(), request_.to.c_str()));
    }
  }

 private:
  const char* Path() const { return request_.path.c_str(); }

  mode_t Mode() const { return ApplyUmask(request_.umask, request_.mode); }

  void Fail(const char* syscall, int error) { result_.failure = Failure{Stage::kOperation, error, syscall}; }

  void Check(const char* syscall, int result) {
    if (result < 0) Fail(syscall, errno);
  }

  OwnedFd Open() {
    // A terminal must not become that of the server.
    constexpr int kAlways = O_CLOEXEC | O_NOCTTY;
    OwnedFd fd(Retry([this] { return open(Path(), request_.flags | kAlways, Mode()); }));
    if (!fd) Fail("open", errno);
    return fd;
  }

  void ReadFile() {
    const OwnedFd fd = Open();
    if (!fd) return;
    struct stat status {};
    if (fstat(fd.get(), &status) != 0) return Fail("fstat", errno);
    // One octet more than there should be, to see the end without another turn.
    const std::size_t expected = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0;
    if (expected >= budget::kReadOctets) return Fail("read", EFBIG);
    Bytes& octets = result_.octets;
    octets.resize(expected > 0 ? expected + 1 : kFirstRead);
    std::size_t length = 0;
    for (;;) {
      const ssize_t count = Retry([&] { return read(fd.get(), octets.data() + length, octets.size() - length); });
      if (count < 0) {
        octets.clear();
        return Fail("read", errno);
      }
      if (count == 0) break;
      length += static_cast<std::size_t>(count);
      if (length < octets.size()) continue;
      if (length >= budget::kReadOctets) {
        octets = Bytes();
        return Fail("read", EFBIG);
      }
      octets.resize(std::min(octets.size() * 2, budget::kReadOctets));
    }
    octets.resize(length);
  }

  void WriteFile() {
    OwnedFd fd = Open();
    if (!fd) return;
    ByteView rest = request_.octets;
    while (!rest.empty()) {
      const ssize_t count = Retry([&] { return write(fd.get(), rest.data(), rest.size()); });
      if (count < 0) return Fail("write", errno);
      rest = rest.subspan(static_cast<std::size_t>(count));
    }
    if (request_.flush && fsync(fd.get()) != 0) return Fail("fsync", errno);
    // What a network file system refuses, it may say only now.
    if (close(fd.Release()) != 0 && errno != EINTR) Fail("close", errno);
  }

  void Stat(int flags, const char* syscall) {
    struct statx found {};
    if (statx(AT_FDCWD, Path(), flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) return Fail(syscall, errno);
    FileStatus& status = result_.status.emplace();
    status.device = DeviceNumber(found.stx_dev_major, found.stx_dev_minor);
    status.mode = found.stx_mode;
    status.links = found.stx_nlink;
    status.uid = found.stx_uid;
    status.gid = found.stx_gid;
    status.special_device = DeviceNumber(found.stx_rdev_major, found.stx_rdev_minor);
    status.block_size = found.stx_blksize;
    status.inode = found.stx_ino;
    status.size = found.stx_size;
    status.blocks = found.stx_blocks;
    status.accessed = TimeOf(found.stx_atime);
    status.modified = TimeOf(found.stx_mtime);
    status.changed = TimeOf(found.stx_ctime);
    // As Node.js has it: where a file system does not know, that of the last change.
    status.born = (found.stx_mask & STATX_BTIME) != 0 ? TimeOf(found.stx_btime) : status.changed;
  }

  void ReadDirectory() {
    const OwnedDirectory directory(opendir(Path()));
    if (!directory) return Fail("scandir", errno);
    for (;;) {
      errno = 0;
      const dirent* entry = readdir(directory.get());
      if (entry == nullptr) break;
      const std::string_view name(&entry->d_name[0]);
      if (name == "." || name == "..") continue;
      result_.entries.push_back({std::string(name), TypeOf(directory.get(), *entry)});
    }
    if (errno != 0) {
      const int error = errno;
      result_.entries.clear();
      Fail("scandir", error);
    }
  }

  // Some file systems do not say it in the directory.
  static std::uint8_t TypeOf(DIR* directory, const dirent& entry) {
    if (entry.d_type != DT_UNKNOWN) return entry.d_type;
    struct stat status {};
    if (fstatat(dirfd(directory), &entry.d_name[0], &status, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
    return static_cast<std::uint8_t>(IFTODT(status.st_mode));
  }

  // 0: it is there now. As `mkdir -p`, somebody else may make it at the same time.
  int MakeOne(const std::string& path, mode_t mode) {
    if (mkdir(path.c_str(), mode) == 0) {
      if (result_.created.empty()) result_.created = path;
      return 0;
    }
    if (errno != EEXIST) return errno;
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return errno;
    return S_ISDIR(status.st_mode) ? 0 : EEXIST;
  }

  // From the longest part that is there, down. PATH_MAX bounds both loops: the kernel refuses what is longer.
  void MakeDirectories() {
    const mode_t mode = Mode();
    std::vector<std::string> missing;
    std::string path = request_.path;
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    int error = MakeOne(path, mode);
    while (error == ENOENT) {
      const std::size_t slash = path.find_last_of('/');
      if (slash == std::string::npos || slash == 0) break;
      missing.push_back(path);
      path.resize(slash);
      while (path.size() > 1 && path.back() == '/') path.pop_back();
      error = MakeOne(path, mode);
    }
    while (error == 0 && !missing.empty()) {
      error = MakeOne(missing.back(), mode);
      missing.pop_back();
    }
    if (error != 0) Fail("mkdir", error);
  }

  const FileRequest& request_;
  FileResult& result_;
};

class FileWork final : public ImpersonatedWork {
 public:
  FileWork(FileRequest request, FileReply reply) : request_(std::move(request)), reply_(std::move(reply)) {}

  bool IsWanted() const override { return reply_.is_wanted(); }

  void Perform() override { FileOperations(request_, result_).Perform(); }

  void Done(std::optional<Failure> failure) override {
    // What was opened by a thread that is not itself any more is closed.
    if (failure) result_ = FileResult{failure, {}, {}, {}, {}, {}};
    reply_.done(std::move(result_));
  }

 private:
  FileRequest request_;
  FileReply reply_;
  FileResult result_;
};

}  // namespace

bool SubmitFileWork(IdentityPtr identity, FileRequest request, FileReply reply) {
  auto work = std::make_unique<FileWork>(std::move(request), std::move(reply));
  return ImpersonationPool::Shared().Submit(std::move(identity), std::move(work));
}

}  // namespace client_cert
