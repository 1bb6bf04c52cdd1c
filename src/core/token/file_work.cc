#include "core/token/file_work.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>
#include <string_view>
#include <utility>

#include "core/base/budget.h"
#include "core/token/file_system_view.h"

namespace client_cert {
namespace {

constexpr std::size_t kFirstRead = std::size_t{16} * 1024;
constexpr std::size_t kLargeRead = std::size_t{16} * 1024 * 1024;

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

// What openat2(2) is told: as the system's header has it, which older systems lack.
struct OpenHow {
  std::uint64_t flags = 0;
  std::uint64_t mode = 0;
  std::uint64_t resolve = 0;
};
constexpr std::uint64_t kNoMagicLinks = 0x02;  // RESOLVE_NO_MAGICLINKS

constexpr long kProcFileSystem = 0x9fa0;  // PROC_SUPER_MAGIC

class FileOperations {
 public:
  FileOperations(const FileRequest& request, FileResult& result) : request_(request), result_(result) {}

  void Perform() {
    switch (request_.operation) {
      case FileOperation::kOpen:
        result_.fd = OpenFile("open");
        return;
      case FileOperation::kReadFile:
        return ReadFile();
      case FileOperation::kWriteFile:
        return WriteFile();
      case FileOperation::kStat:
        return Stat("stat");
      case FileOperation::kLstat:
        return Lstat();
      case FileOperation::kAccess:
        return Access();
      case FileOperation::kReaddir:
        return ReadDirectory();
      case FileOperation::kMkdir:
        return request_.recursive ? MakeDirectories() : Make();
      case FileOperation::kRmdir:
        return Remove("rmdir", AT_REMOVEDIR);
      case FileOperation::kUnlink:
        return Remove("unlink", 0);
      case FileOperation::kRename:
        return Rename();
    }
  }

 private:
  // The folder of a path and the name in it.
  struct Place {
    OwnedFd folder;
    std::string name;
  };

  mode_t Mode() const { return ApplyUmask(request_.umask, request_.mode); }

  void Fail(const char* syscall, int error) { result_.failure = Failure{Stage::kOperation, error, syscall}; }

  void Check(const char* syscall, int result) {
    if (result < 0) Fail(syscall, errno);
  }

  // /dev/tty is whatever terminal the process has that opens it: the server's here. For users there is none, as in
  // their own programs.
  static bool IsTerminalOfServer(int fd) {
    struct stat status {};
    constexpr unsigned kMajor = 5;
    return fstat(fd, &status) != 0 || (S_ISCHR(status.st_mode) && status.st_rdev == makedev(kMajor, 0));
  }

  // This thread is one of the server's, and so the kernel lets it follow the server's own links in /proc to what the
  // user could never reach, and read the server's own files there: neither is for users. -1: see errno.
  static int Open(const std::string& path, int flags, mode_t mode) {
    // A terminal must not become that of the server.
    const int terminal = (flags & O_PATH) != 0 ? 0 : O_NOCTTY;
    OpenHow how{static_cast<std::uint32_t>(flags | O_CLOEXEC | terminal), 0, kNoMagicLinks};
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) how.mode = mode;
    const int fd =
        static_cast<int>(Retry([&] { return syscall(__NR_openat2, AT_FDCWD, path.c_str(), &how, sizeof(how)); }));
    if (fd < 0) return -1;
    OwnedFd owned(fd);
    struct statfs system {};
    if (fstatfs(fd, &system) != 0) return -1;
    if (system.f_type == kProcFileSystem) {
      errno = EACCES;
      return -1;
    }
    if ((flags & O_PATH) == 0 && IsTerminalOfServer(fd)) {
      errno = ENXIO;
      return -1;
    }
    return owned.Release();
  }

  OwnedFd OpenFile(const char* syscall) {
    OwnedFd fd(Open(request_.path, request_.flags, Mode()));
    if (!fd) Fail(syscall, errno);
    return fd;
  }

  // Something to ask about, without opening it. Whoever stands at the end of the path is followed.
  OwnedFd Find(const char* syscall) {
    OwnedFd fd(Open(request_.path, O_PATH, 0));
    if (!fd) Fail(syscall, errno);
    return fd;
  }

  // Without a folder: see errno.
  static Place PlaceOf(const std::string& path) {
    std::string rest = path;
    while (rest.size() > 1 && rest.back() == '/') rest.pop_back();
    const std::size_t slash = rest.find_last_of('/');
    std::string folder = path.substr(0, slash == std::string::npos ? 0 : slash);
    if (folder.empty()) folder.push_back('/');
    // A slash at the end says that it is a folder; the kernel looks at that.
    std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
    if (name.empty()) name.push_back('.');
    return {OwnedFd(Open(folder, O_PATH | O_DIRECTORY, 0)), std::move(name)};
  }

  void ReadFile() {
    const OwnedFd fd = OpenFile("open");
    if (!fd) return;
    struct stat status {};
    if (fstat(fd.get(), &status) != 0) return Fail("fstat", errno);
    // One octet more than there should be, to see the end without another turn. A file says what it likes: of a large
    // one memory is taken as it is read.
    const auto said = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0;
    if (said > budget::kReadOctets) return Fail("read", EFBIG);
    Bytes& octets = result_.octets;
    octets.resize(said > 0 ? std::min(said + 1, kLargeRead) : kFirstRead);
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
      if (length > budget::kReadOctets) {
        octets = Bytes();
        return Fail("read", EFBIG);
      }
      octets.resize(std::min(octets.size() * 2, budget::kReadOctets + 1));
    }
    octets.resize(length);
  }

  void WriteFile() {
    OwnedFd fd = OpenFile("open");
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

  void Stat(const char* syscall) {
    const OwnedFd fd = Find(syscall);
    if (fd) Report(syscall, fd.get(), "", AT_EMPTY_PATH);
  }

  void Lstat() {
    // With a slash at the end it is what the link leads to.
    if (request_.path.back() == '/') return Stat("lstat");
    const Place place = PlaceOf(request_.path);
    if (!place.folder) return Fail("lstat", errno);
    Report("lstat", place.folder.get(), place.name.c_str(), AT_SYMLINK_NOFOLLOW);
  }

  void Report(const char* syscall, int folder, const char* name, int flags) {
    struct statx found {};
    if (statx(folder, name, flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) return Fail(syscall, errno);
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

  // For the effective user: access() would ask for the real one, which is the server's.
  void Access() {
    const OwnedFd fd = Find("access");
    if (!fd) return;
    Check("access",
          static_cast<int>(syscall(__NR_faccessat2, fd.get(), "", request_.flags, AT_EACCESS | AT_EMPTY_PATH)));
  }

  void Make() {
    const Place place = PlaceOf(request_.path);
    if (!place.folder) return Fail("mkdir", errno);
    Check("mkdir", mkdirat(place.folder.get(), place.name.c_str(), Mode()));
  }

  void Remove(const char* syscall, int flags) {
    const Place place = PlaceOf(request_.path);
    if (!place.folder) return Fail(syscall, errno);
    Check(syscall, unlinkat(place.folder.get(), place.name.c_str(), flags));
  }

  void Rename() {
    const Place from = PlaceOf(request_.path);
    if (!from.folder) return Fail("rename", errno);
    const Place to = PlaceOf(request_.to);
    if (!to.folder) return Fail("rename", errno);
    Check("rename", renameat(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str()));
  }

  void ReadDirectory() {
    OwnedFd fd(Open(request_.path, O_RDONLY | O_DIRECTORY, 0));
    if (!fd) return Fail("scandir", errno);
    const OwnedDirectory directory(fdopendir(fd.get()));
    if (!directory) return Fail("scandir", errno);
    // It is the directory's to close now.
    static_cast<void>(fd.Release());
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
    const Place place = PlaceOf(path);
    if (!place.folder) return errno;
    if (mkdirat(place.folder.get(), place.name.c_str(), mode) == 0) {
      if (result_.created.empty()) result_.created = path;
      return 0;
    }
    if (errno != EEXIST) return errno;
    const OwnedFd there(Open(path, O_PATH | O_DIRECTORY, 0));
    return there ? 0 : EEXIST;
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

  void Perform() override {
    // What a user's files demand of memory must not end the server.
    try {
      FileOperations(request_, result_).Perform();
    } catch (const std::bad_alloc&) {
      result_ = FileResult();
      result_.failure = Failure{Stage::kOperation, ENOMEM, "read"};
    }
  }

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
