// The file effects: what a session may do below its root, and that no path leads out of it.
#include "net/host/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "net/base/text.hpp"
#include "net/host/unfinished.hpp"

namespace synscope::host {
namespace {

using namespace service;
namespace fs = std::filesystem;

const std::string kToken{"0123456789abcdef"};

/// A folder of its own with a root inside, a secret beside it, and links that lead there.
class FilesBelowARoot : public testing::Test {
  protected:
    FilesBelowARoot() {
        std::string pattern = (fs::temp_directory_path() / "synscope-files.XXXXXX").string();
        base_ = ::mkdtemp(pattern.data());
        fs::create_directories(root() / "folder" / "inner");
        write(base_ / "secret", "not for you");
        write(root() / "greeting", "hello");
        write(root() / "folder" / "inner" / "deep", "down here");
        fs::create_symlink(base_ / "secret", root() / "link");
        fs::create_symlink("..", root() / "out");
        fs::create_symlink("folder", root() / "inside");
        root_fd_ = engine::UniqueFd{::open(root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    }
    ~FilesBelowARoot() override { fs::remove_all(base_); }

    [[nodiscard]] fs::path root() const { return base_ / "root"; }
    static void write(const fs::path& path, std::string_view text) {
        std::ofstream(path, std::ios::binary) << text;
    }
    static std::string content(const fs::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// Everything below the root but what the constructor put there.
    [[nodiscard]] std::size_t strangers() const {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(root()))
            count += entry.path().filename().string().ends_with(kUnfinished) ? 1u : 0u;
        return count;
    }
    /// Nobody has written to it for long.
    void make_old(const fs::path& name, std::chrono::minutes age = std::chrono::hours{100}) const {
        fs::last_write_time(root() / name, fs::file_time_type::clock::now() - age);
    }
    void make_all_unfinished_old(std::chrono::minutes age = std::chrono::hours{100}) const {
        for (const auto& entry : fs::directory_iterator(root()))
            if (entry.path().filename().string().ends_with(kUnfinished))
                make_old(entry.path().filename(), age);
    }
    static ByteSpan bytes(std::string_view text) {
        return std::as_bytes(std::span{text.data(), text.size()});
    }
    static std::optional<Refusal> refusal(const EffectResult& result) {
        const auto* refused = std::get_if<Refused>(&result.outcome);
        return refused != nullptr ? std::optional{refused->refusal} : std::nullopt;
    }
    std::optional<FileId> opened(Files& files, const std::string& path, FileMode mode = FileMode::Read) {
        const EffectResult result = files.open({RequestId{7}, path, mode});
        EXPECT_EQ(result.request, RequestId{7});
        const auto* file = std::get_if<FileOpened>(&result.outcome);
        return file != nullptr ? std::optional{file->file} : std::nullopt;
    }
    static std::string read(Files& files, FileId file, std::uint64_t offset, std::uint32_t length) {
        const EffectResult result = files.read({RequestId{1}, file, offset, length});
        const auto* got = std::get_if<FileRead>(&result.outcome);
        if (got == nullptr) return "refused";
        return {reinterpret_cast<const char*>(got->bytes.data()), got->bytes.size()};
    }

    fs::path base_;
    engine::UniqueFd root_fd_;
};

TEST_F(FilesBelowARoot, AreReadInPiecesAndEndWhereTheyEnd) {
    Files files{root_fd_.get()};
    const EffectResult result = files.open({RequestId{1}, "greeting", FileMode::Read});
    const auto* file = std::get_if<FileOpened>(&result.outcome);
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(file->size, 5u);
    EXPECT_EQ(read(files, file->file, 0, 2), "he");
    EXPECT_EQ(read(files, file->file, 3, 100), "lo");
    EXPECT_EQ(read(files, file->file, 5, 1), "");
    EXPECT_EQ(read(files, file->file, 1'000'000, 1), "");
    const auto deep = opened(files, "folder/inner/deep");
    ASSERT_TRUE(deep);
    EXPECT_EQ(read(files, *deep, 0, 100), "down here");
    EXPECT_TRUE(opened(files, "folder/../greeting")) << "stays below the root all the way";
}

TEST_F(FilesBelowARoot, NoPathLeavesIt) {
    Files files{root_fd_.get()};
    for (const char* path :
         {"../secret", "folder/../../secret", "/etc/passwd", "//etc/passwd", "link", "out/secret",
          "out/root/greeting", "inside/inner/deep", "folder/inner/../../../secret"}) {
        EXPECT_EQ(refusal(files.open({RequestId{1}, path, FileMode::Read})), Refusal::OutsideRoot) << path;
    }
    for (const char* path : {"../new", "/tmp/new", "/new", "out/new", "inside/new", "folder/../../new"}) {
        EXPECT_EQ(refusal(files.open({RequestId{1}, path, FileMode::Create})), Refusal::OutsideRoot) << path;
    }
    EXPECT_FALSE(fs::exists(base_ / "new"));
    EXPECT_FALSE(fs::exists(root() / "folder" / "new"));
    Files none{-1};
    EXPECT_EQ(refusal(none.open({RequestId{1}, "greeting", FileMode::Read})), Refusal::OutsideRoot)
        << "a server without a root has no files";
}

TEST_F(FilesBelowARoot, WhatIsNoFileIsRefused) {
    Files files{root_fd_.get()};
    const auto why = [&](const std::string& path, FileMode mode = FileMode::Read) {
        return refusal(files.open({RequestId{1}, path, mode}));
    };
    EXPECT_EQ(why(""), Refusal::NotFound);
    EXPECT_EQ(why("nothing"), Refusal::NotFound);
    EXPECT_EQ(why("greeting/below"), Refusal::NotFound);
    EXPECT_EQ(why(std::string("greeting\0.txt", 13)), Refusal::NotFound);
    EXPECT_EQ(why("folder"), Refusal::NotAllowed);
    EXPECT_EQ(why("."), Refusal::NotAllowed);
    ASSERT_EQ(::mkfifo((root() / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(why("fifo"), Refusal::NotAllowed) << "and it did not wait for a writer";
    EXPECT_EQ(why("folder/", FileMode::Create), Refusal::NotAllowed);
    EXPECT_EQ(why("..", FileMode::Create), Refusal::NotAllowed);
    EXPECT_EQ(why("nowhere/new", FileMode::Create), Refusal::NotFound);
}

TEST_F(FilesBelowARoot, ACreatedFileAppearsWholeOrNotAtAll) {
    write(root() / "report", "the old one");
    Files files{root_fd_.get()};
    const auto file = opened(files, "report", FileMode::Create);
    ASSERT_TRUE(file);
    EXPECT_FALSE(refusal(files.append({RequestId{1}, *file, {}}, bytes("the "))));
    EXPECT_FALSE(refusal(files.append({RequestId{2}, *file, {}}, bytes("new one"))));
    EXPECT_EQ(content(root() / "report"), "the old one") << "nobody sees half of it";
    EXPECT_EQ(refusal(files.read({RequestId{3}, *file, 0, 1})), Refusal::UnknownFile)
        << "opened for the other purpose";
    EXPECT_TRUE(std::holds_alternative<FileCommitted>(files.commit({RequestId{4}, *file}).outcome));
    EXPECT_EQ(content(root() / "report"), "the new one");
    EXPECT_EQ(strangers(), 0u);
    EXPECT_EQ(fs::status(root() / "report").permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(refusal(files.append({RequestId{5}, *file, {}}, bytes("more"))), Refusal::UnknownFile);
    EXPECT_EQ(refusal(files.commit({RequestId{6}, *file})), Refusal::UnknownFile);
}

TEST_F(FilesBelowARoot, WhatIsNotCommittedLeavesNoTrace) {
    {
        Files files{root_fd_.get()};
        const auto dropped = opened(files, "one", FileMode::Create);
        const auto forgotten = opened(files, "folder/two", FileMode::Create);
        ASSERT_TRUE(dropped && forgotten);
        EXPECT_FALSE(refusal(files.append({RequestId{1}, *forgotten, {}}, bytes("half"))));
        EXPECT_EQ(strangers(), 2u);
        files.close({*dropped});
        EXPECT_EQ(strangers(), 1u);
    }
    EXPECT_EQ(strangers(), 0u) << "the session ended in the middle of an upload";
    EXPECT_FALSE(fs::exists(root() / "folder" / "two"));
}

TEST_F(FilesBelowARoot, ACommitThatFailsRemovesWhatWasWritten) {
    Files files{root_fd_.get()};
    const auto file = opened(files, "taken", FileMode::Create);
    ASSERT_TRUE(file);
    fs::create_directory(root() / "taken");  // a file cannot replace a folder
    EXPECT_TRUE(refusal(files.commit({RequestId{1}, *file})));
    EXPECT_TRUE(fs::is_directory(root() / "taken"));
    EXPECT_EQ(strangers(), 0u);
}

TEST_F(FilesBelowARoot, AreOpenInBoundedNumber) {
    Files files{root_fd_.get()};
    std::vector<FileId> open;
    for (std::size_t i = 0; i < Files::kMostOpen; ++i) {
        const auto file = opened(files, "greeting");
        ASSERT_TRUE(file);
        open.push_back(*file);
    }
    EXPECT_EQ(refusal(files.open({RequestId{1}, "greeting", FileMode::Read})), Refusal::TooManyOpen);
    EXPECT_EQ(refusal(files.open({RequestId{1}, "new", FileMode::Create})), Refusal::TooManyOpen);
    files.close({open.front()});
    EXPECT_TRUE(opened(files, "greeting"));
    EXPECT_EQ(refusal(files.read({RequestId{1}, open.front(), 0, 1})), Refusal::UnknownFile)
        << "ids are not used twice";
}

TEST_F(FilesBelowARoot, AReadIsBoundedHoweverMuchIsAskedFor) {
    write(root() / "large", std::string(std::size_t{3} << 20, 'x'));
    Files files{root_fd_.get()};
    const auto file = opened(files, "large");
    ASSERT_TRUE(file);
    EXPECT_LE(read(files, *file, 0, UINT32_MAX).size(), std::size_t{1} << 20);
}

TEST_F(FilesBelowARoot, WhatAConnectionMayWriteIsLimited) {
    UploadLimits limits;
    limits.most_bytes = 10;
    limits.most_files = 2;
    Files files{root_fd_.get(), limits};
    EXPECT_EQ(refusal(files.open({RequestId{1}, "a", FileMode::Create, 11})), Refusal::TooLarge);
    const auto a = opened(files, "a", FileMode::Create);
    ASSERT_TRUE(a);
    EXPECT_FALSE(refusal(files.append({RequestId{1}, *a, {}}, bytes("0123456789"))));
    EXPECT_EQ(refusal(files.append({RequestId{1}, *a, {}}, bytes("x"))), Refusal::TooLarge);
    ASSERT_TRUE(opened(files, "b", FileMode::Create));
    EXPECT_EQ(refusal(files.open({RequestId{1}, "c", FileMode::Create})), Refusal::TooMany);
    EXPECT_TRUE(opened(files, "greeting")) << "reading is not writing";

    limits.open_time = Duration::nanoseconds(-1);
    Files late{root_fd_.get(), limits};
    const auto file = opened(late, "late", FileMode::Create);
    ASSERT_TRUE(file);
    EXPECT_EQ(refusal(late.append({RequestId{1}, *file, {}}, bytes("x"))), Refusal::TooLate);
    EXPECT_EQ(refusal(late.commit({RequestId{1}, *file})), Refusal::TooLate);
    EXPECT_EQ(strangers(), 0u) << "by these limits nobody may write to a and b any more either";
}

TEST_F(FilesBelowARoot, AFileToBeResumedStaysAndIsOneWritersAtATime) {
    const OpenFile resume{RequestId{1}, "folder/big", FileMode::Resume, 0, kToken};
    const auto id_of = [](const EffectResult& r) { return std::get<FileOpened>(r.outcome).file; };
    {
        Files files{root_fd_.get()};
        const EffectResult first = files.open(resume);
        EXPECT_EQ(std::get<FileOpened>(first.outcome).size, 0u);
        EXPECT_FALSE(refusal(files.append({RequestId{1}, id_of(first), {}}, bytes("half"))));
        Files other{root_fd_.get()};
        EXPECT_EQ(refusal(other.open(resume)), Refusal::Busy);
    }
    EXPECT_FALSE(fs::exists(root() / "folder" / "big"));
    EXPECT_EQ(strangers(), 1u);
    {
        Files files{root_fd_.get()};
        const EffectResult again = files.open(resume);
        EXPECT_EQ(std::get<FileOpened>(again.outcome).size, 4u);
        EXPECT_EQ(std::get<FileRead>(files.read({RequestId{1}, id_of(again), 0, 100}).outcome).bytes.size(),
                  4u);
        EXPECT_FALSE(refusal(files.append({RequestId{1}, id_of(again), {}}, bytes(" and half"))));
        EXPECT_FALSE(refusal(files.commit({RequestId{1}, id_of(again)})));
    }
    EXPECT_EQ(content(root() / "folder" / "big"), "half and half");
    EXPECT_EQ(strangers(), 0u);
    Files files{root_fd_.get()};
    files.close({id_of(files.open(resume)), true});
    EXPECT_EQ(strangers(), 0u) << "discarded";
    fs::create_symlink(base_ / "secret", root() / resumable_name("evil", kToken));
    EXPECT_TRUE(refusal(files.open({RequestId{1}, "evil", FileMode::Resume, 0, kToken})));
    EXPECT_EQ(content(base_ / "secret"), "not for you");
}

TEST_F(FilesBelowARoot, UnfinishedFilesAreBoundedInNumber) {
    UploadLimits limits;
    limits.most_unfinished = 2;
    const auto leave = [&](const std::string& path, std::string_view text) {
        Files files{root_fd_.get(), limits};
        const EffectResult result = files.open({RequestId{1}, path, FileMode::Resume, 0, kToken});
        if (const auto* file = std::get_if<FileOpened>(&result.outcome)) {
            EXPECT_FALSE(refusal(files.append({RequestId{1}, file->file, {}}, bytes(text))));
        }
        return refusal(result);
    };
    EXPECT_FALSE(leave("asked", "")) << "of which nothing came: it counts for nothing";
    EXPECT_EQ(strangers(), 0u);
    EXPECT_FALSE(leave("a", "half"));
    EXPECT_FALSE(leave("b", "half"));
    EXPECT_EQ(leave("c", "half"), Refusal::TooManyUnfinished);
    EXPECT_FALSE(leave("a", " and half")) << "what waits may go on";
    EXPECT_FALSE(leave("folder/c", "half")) << "another folder";
    Files files{root_fd_.get(), limits};
    EXPECT_TRUE(opened(files, "d", FileMode::Create)) << "it does not stay";
    EXPECT_EQ(strangers(), 4u);
}

TEST_F(FilesBelowARoot, UnfinishedFilesThatAreTooOldAreRemovedAndNothingElse) {
    const auto write_old = [&](const std::string& name) {
        write(root() / name, "old");
        make_old(name);
    };
    const std::string half = resumable_name("half", kToken);
    const std::string young = resumable_name("young", kToken);
    const std::string passing = concat(".123-4", kUnfinished);
    write_old(half);
    write_old(passing);
    write(root() / young, "young");
    std::vector<std::string> foreign{".notes", "x", "", ".", ".1-", ".a.b", ".1-2-3", concat(".", kToken)};
    for (std::string& name : foreign)
        write_old(name = concat(name, kUnfinished));
    const std::string in_folder = "folder/" + half;
    write_old(in_folder);
    const std::string two_names = resumable_name("two", kToken);
    write_old(two_names);
    fs::create_hard_link(root() / two_names, root() / "its other name");
    const std::string link = resumable_name("link", kToken);
    fs::create_symlink(base_ / "secret", root() / link);
    const std::string folder = resumable_name("folder", kToken);
    fs::create_directory(root() / folder);
    foreign.insert(foreign.end(), {young, in_folder, two_names, link, folder, "greeting"});

    Files files{root_fd_.get()};
    ASSERT_TRUE(opened(files, "new", FileMode::Create));
    EXPECT_FALSE(fs::exists(root() / half));
    EXPECT_FALSE(fs::exists(root() / passing));
    for (const std::string& name : foreign)
        EXPECT_TRUE(fs::exists(root() / name)) << name;
    EXPECT_EQ(content(base_ / "secret"), "not for you");
}

/// A client that sends half a file and then nothing keeps the name busy, and one of the places, while it may
/// still send the rest; not for ever.
TEST_F(FilesBelowARoot, WhoFellSilentForTheWholeTimeOfAnUploadLosesIt) {
    const OpenFile resume{RequestId{1}, "big", FileMode::Resume, 0, kToken};
    UploadLimits limits;
    limits.most_unfinished = 1;
    Files silent{root_fd_.get(), limits};
    const auto held = std::get<FileOpened>(silent.open(resume).outcome).file;
    EXPECT_FALSE(refusal(silent.append({RequestId{1}, held, {}}, bytes("half"))));
    Files other{root_fd_.get(), limits};
    EXPECT_EQ(refusal(other.open(resume)), Refusal::Busy);
    EXPECT_EQ(refusal(other.open({RequestId{1}, "next", FileMode::Resume, 0, kToken})),
              Refusal::TooManyUnfinished);
    make_all_unfinished_old(std::chrono::minutes{61});
    const EffectResult anew = other.open(resume);
    ASSERT_FALSE(refusal(anew));
    EXPECT_EQ(std::get<FileOpened>(anew.outcome).size, 0u);
    EXPECT_FALSE(
        refusal(other.append({RequestId{1}, std::get<FileOpened>(anew.outcome).file, {}}, bytes("whole"))));
    EXPECT_EQ(refusal(silent.commit({RequestId{1}, held})), Refusal::NotFound) << "what it wrote is gone";
    EXPECT_FALSE(refusal(other.commit({RequestId{1}, std::get<FileOpened>(anew.outcome).file})));
    EXPECT_EQ(content(root() / "big"), "whole");
    EXPECT_EQ(strangers(), 0u);
}

TEST_F(FilesBelowARoot, WhatSomebodyHoldsOpenIsNotRemovedWhileHeMayWriteToIt) {
    const OpenFile resume{RequestId{1}, "big", FileMode::Resume, 0, kToken};
    Files silent{root_fd_.get()};
    const auto held = std::get<FileOpened>(silent.open(resume).outcome).file;
    EXPECT_FALSE(refusal(silent.append({RequestId{1}, held, {}}, bytes("half"))));
    const auto passing = opened(silent, "small", FileMode::Create);
    ASSERT_TRUE(passing);
    make_all_unfinished_old(std::chrono::minutes{50});
    UploadLimits limits;
    limits.unfinished_time = Duration::seconds(60);
    Files other{root_fd_.get(), limits};
    EXPECT_EQ(refusal(other.open(resume)), Refusal::Busy);
    EXPECT_FALSE(refusal(silent.append({RequestId{1}, held, {}}, bytes(" and half"))));
    EXPECT_FALSE(refusal(silent.commit({RequestId{1}, held})));
    EXPECT_FALSE(refusal(silent.commit({RequestId{1}, *passing})));
    EXPECT_EQ(content(root() / "big"), "half and half");
    EXPECT_TRUE(fs::exists(root() / "small"));
}

TEST_F(FilesBelowARoot, AProcessThatWasKilledLeavesNothingForLongerThanADay) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        Files files{root_fd_.get()};
        static_cast<void>(files.open({RequestId{1}, "report", FileMode::Create}));
        ::_exit(0);  // as if killed: no destructor
    }
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_EQ(strangers(), 1u);
    make_all_unfinished_old();
    Files files{root_fd_.get()};
    EXPECT_FALSE(refusal(files.open({RequestId{1}, "big", FileMode::Resume, 0, kToken})));
    EXPECT_EQ(strangers(), 1u) << "only the new one";
}

/// Somebody opens the unfinished file, its writer finishes it, and only then is it locked: what is written
/// then would be added to a file that is whole.
TEST_F(FilesBelowARoot, AFileThatWasFinishedBetweenOpeningAndLockingItIsNotLocked) {
    const std::string part = resumable_name("big", kToken);
    write(root() / part, "whole");
    const engine::UniqueFd late{::open((root() / part).c_str(), O_RDWR | O_CLOEXEC)};
    const engine::UniqueFd another{::open((root() / part).c_str(), O_RDWR | O_CLOEXEC)};
    EXPECT_TRUE(lock_unfinished(root_fd_.get(), part, another.get()));
    EXPECT_FALSE(lock_unfinished(root_fd_.get(), part, late.get())) << "its writer has it";
    {
        Files files{root_fd_.get()};
        EXPECT_EQ(refusal(files.open({RequestId{1}, "big", FileMode::Resume, 0, kToken})), Refusal::Busy);
    }
    ASSERT_EQ(::flock(another.get(), LOCK_UN), 0);
    fs::rename(root() / part, root() / "big");
    EXPECT_FALSE(lock_unfinished(root_fd_.get(), part, late.get()));
    write(root() / part, "the next");
    EXPECT_FALSE(lock_unfinished(root_fd_.get(), part, late.get())) << "another file of that name";
}

TEST_F(FilesBelowARoot, AFolderListsWhatCanBeReadInItAndNothingElse) {
    Files files{root_fd_.get()};
    const auto list = [&](const std::string& path, std::uint32_t most = 100) {
        const EffectResult result = files.list({RequestId{3}, path, most});
        EXPECT_EQ(result.request, RequestId{3});
        const auto* listed = std::get_if<FolderListed>(&result.outcome);
        if (listed == nullptr) return std::string{"refused"};
        std::string out;
        for (const FolderEntry& entry : listed->entries)
            append(out, concat(entry.name, entry.is_folder ? "/ " : concat("=", entry.size, " ")));
        return listed->more ? out + "..." : out;
    };
    write(root() / ".hidden", "x");
    write(root() / resumable_name("half", kToken), "x");
    write(root() / "B", "");
    ASSERT_EQ(::mkfifo((root() / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(list(""), "B=0 folder/ greeting=5 ") << "no links, nothing hidden, sorted";
    EXPECT_EQ(list("folder"), "inner/ ");
    EXPECT_EQ(list("folder/inner/"), "deep=9 ");
    EXPECT_EQ(list("", 3), "B=0 folder/ greeting=5 ");
    EXPECT_TRUE(list("", 2).ends_with(" ..."));
    EXPECT_EQ(list("folder", 0), "...");
    for (const char* path : {"..", "../root", "/", "/tmp", "out", "out/root", "inside", "folder/../.."})
        EXPECT_EQ(refusal(files.list({RequestId{1}, path, 9})), Refusal::OutsideRoot) << path;
    EXPECT_EQ(refusal(files.list({RequestId{1}, "greeting", 9})), Refusal::NotFound);
    EXPECT_EQ(refusal(files.list({RequestId{1}, "absent", 9})), Refusal::NotFound);
    EXPECT_EQ(refusal(files.list({RequestId{1}, std::string("folder\0x", 8), 9})), Refusal::NotFound);
    EXPECT_EQ(refusal(Files{-1}.list({RequestId{1}, "", 9})), Refusal::OutsideRoot);
}

TEST_F(FilesBelowARoot, AFileSaysWhenItWasChanged) {
    Files files{root_fd_.get()};
    const EffectResult result = files.open({RequestId{1}, "greeting", FileMode::Read});
    struct stat about {};
    ASSERT_EQ(::stat((root() / "greeting").c_str(), &about), 0);
    EXPECT_EQ(*std::get<FileOpened>(result.outcome).modified_ns,
              std::int64_t{about.st_mtim.tv_sec} * 1'000'000'000 + about.st_mtim.tv_nsec);
}

}  // namespace
}  // namespace synscope::host
