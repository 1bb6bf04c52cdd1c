// The threads that act as users: many users at once, asked by several threads, and some who do not want to know any
// more. Needs root, who may act as anybody; without, it is skipped.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "core/token/file_work.h"
#include "core/token/thread_credentials.h"
#include "support/threads.h"

namespace client_cert_test {
namespace {

using namespace client_cert;

constexpr std::uint32_t kFirstUser = 61000;  // no account's: the kernel knows numbers only
constexpr std::uint32_t kUsers = 6;

IdentityPtr IdentityOf(std::uint32_t uid) { return std::make_shared<const Identity>(Identity{uid, uid, {uid}}); }

// Where everybody may write, and nobody may touch what is another's.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "client-cert-info-core-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr || chmod(name.c_str(), 01777) != 0) std::abort();
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::size_t Count() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

FileResult Do(const IdentityPtr& identity, FileRequest request) {
  auto promise = std::make_shared<std::promise<FileResult>>();
  std::future<FileResult> result = promise->get_future();
  FileReply reply{[] { return true; }, [promise](FileResult done) { promise->set_value(std::move(done)); }};
  EXPECT_TRUE(SubmitFileWork(identity, std::move(request), std::move(reply)));
  return result.get();
}

FileRequest Request(FileOperation operation, std::string path, int flags = 0, Bytes octets = {}) {
  FileRequest request;
  request.operation = operation;
  request.path = std::move(path);
  request.flags = flags;
  request.mode = 0600;
  request.umask = 077;
  request.octets = std::move(octets);
  return request;
}

class IdentityThreads : public testing::Test {
 protected:
  void SetUp() override {
    if (!MayImpersonate()) GTEST_SKIP() << "acting as users needs CAP_SETUID and CAP_SETGID: run as root";
  }
};

TEST_F(IdentityThreads, EachActsAsWhomItIsAskedFor) {
  const Folder folder;
  OnThreads(kThreads, [&](std::size_t thread) {
    for (std::uint32_t round = 0; round < 40; ++round) {
      const std::uint32_t uid = kFirstUser + (round + static_cast<std::uint32_t>(thread)) % kUsers;
      const IdentityPtr identity = IdentityOf(uid);
      const std::string file = folder.File(std::to_string(thread) + "-" + std::to_string(round));
      const Bytes content(100, static_cast<std::uint8_t>(round));
      ASSERT_FALSE(
          Do(identity, Request(FileOperation::kWriteFile, file, O_WRONLY | O_CREAT | O_EXCL, content)).failure);
      const FileResult status = Do(identity, Request(FileOperation::kStat, file));
      ASSERT_TRUE(status.status);
      EXPECT_EQ(status.status->uid, uid);
      EXPECT_EQ(status.status->gid, uid);
      EXPECT_EQ(Do(identity, Request(FileOperation::kReadFile, file, O_RDONLY)).octets, content);
      const FileResult refused = Do(IdentityOf(uid + kUsers), Request(FileOperation::kReadFile, file, O_RDONLY));
      ASSERT_TRUE(refused.failure);
      EXPECT_EQ(refused.failure->error, EACCES);
      EXPECT_FALSE(Do(identity, Request(FileOperation::kUnlink, file)).failure);
      // Whoever asked has stayed who he is.
      EXPECT_EQ(geteuid(), 0u);
    }
  });
}

// What the replies of one test share. `gone`, when the last of them has gone: how many were done.
struct Replies {
  std::atomic<bool> are_wanted{true};
  std::atomic<std::size_t> done{0};
  std::promise<std::size_t> gone;

  Replies() = default;
  Replies(const Replies&) = delete;
  Replies& operator=(const Replies&) = delete;
  ~Replies() { gone.set_value(done); }
};

TEST_F(IdentityThreads, WhatNobodyWantsAnyMoreIsNotDone) {
  const Folder folder;
  auto replies = std::make_shared<Replies>();
  std::future<std::size_t> gone = replies->gone.get_future();
  OnThreads(kThreads, [&](std::size_t thread) {
    for (std::uint32_t round = 0; round < 50; ++round) {
      if (round == 25) replies->are_wanted = false;
      const std::string file = folder.File(std::to_string(thread) + "-" + std::to_string(round));
      FileReply reply{[replies] { return replies->are_wanted.load(); },
                      [replies](const FileResult& result) {
                        EXPECT_FALSE(result.failure);
                        ++replies->done;
                      }};
      EXPECT_TRUE(SubmitFileWork(IdentityOf(kFirstUser + round % kUsers),
                                 Request(FileOperation::kWriteFile, file, O_WRONLY | O_CREAT), std::move(reply)));
    }
  });
  replies.reset();
  const std::size_t done = gone.get();
  EXPECT_EQ(folder.Count(), done);
  EXPECT_LT(done, kThreads * 50);
}

}  // namespace
}  // namespace client_cert_test
