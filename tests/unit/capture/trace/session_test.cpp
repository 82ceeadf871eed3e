#include "capture/trace/session.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace synscope::trace {
namespace {

namespace fs = std::filesystem;

/// A folder of the test's own, removed afterwards.
class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "synscope_test.XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator{path_}, {}));
    }

  private:
    fs::path path_;
};

/// An IPv4 UDP packet from 127.0.0.1 to itself behind an Ethernet header, with `n` in its body.
std::vector<std::byte> frame(std::uint8_t n) {
    const std::array<unsigned, 46> raw{
        0,  0,    0,    0,   0, 0, 0, 0,   0, 0, 0, 0,    8,    0,    0x45, 0, 0,  32, 0, 0, 0, 0, 64,
        17, 0x7c, 0xcb, 127, 0, 0, 1, 127, 0, 0, 1, 0x1f, 0x90, 0x1f, 0x91, 0, 12, 0,  0, n, 1, 2, 3};
    std::vector<std::byte> out;
    for (const unsigned b : raw)
        out.push_back(static_cast<std::byte>(b));
    return out;
}

void fill(Store& store) {
    const ActorId capture = store.add_actor();
    const ActorId server = store.add_actor();
    const InterfaceId lo = store.add_interface({wire::LinkType::Ethernet, 65535, "lo", "loopback", "udp"});
    store.append(Instant{1}, capture, {}, ActorDeclared{ActorRole::Capture, store.intern("capture"), 7});
    store.append(Instant{2}, server, {}, ActorDeclared{ActorRole::Server, store.intern("server"), 8});
    for (std::uint8_t n = 0; n < 5; ++n) {
        const Instant at{1'700'000'000'000'000'000 + n};
        const auto id = store.add_packet(lo, at, 60, frame(n));
        ASSERT_TRUE(id);
        const EventId seen = store.append(at, capture, {}, PacketCaptured{*id});
        SyscallEntered call;
        call.source = {store.intern("engine.cpp"), 12};
        const EventId entered = store.append(at, server, seen, call);
        SyscallReturned done;
        done.bytes = {n, n + 4u};
        store.append(at, server, entered, done);
        store.append(at, capture, seen, PacketDropped{*id, DropReason::QueueFull});
    }
    store.add_comment(PacketId{2}, "look here");
    store.add_comment(PacketId{2}, "and here");
}

/// Texts are numbered anew by each store: compared by what they say.
void expect_equal(const Store& a, const Store& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::uint32_t i = 0; i < a.size(); ++i) {
        Event left = a.event(EventId{i});
        Event right = b.event(EventId{i});
        if (auto* l = std::get_if<ActorDeclared>(&left.body)) {
            EXPECT_EQ(a.text(l->name), b.text(std::get<ActorDeclared>(right.body).name));
            l->name = std::get<ActorDeclared>(right.body).name;
        }
        if (auto* l = std::get_if<SyscallEntered>(&left.body)) {
            EXPECT_EQ(a.text(l->source.file), b.text(std::get<SyscallEntered>(right.body).source.file));
            l->source.file = std::get<SyscallEntered>(right.body).source.file;
        }
        EXPECT_EQ(left, right) << i << ' ' << event_kind_name(left.body);
    }
    ASSERT_EQ(a.packet_count(), b.packet_count());
    for (std::size_t i = 0; i < a.packet_count(); ++i) {
        const Packet left = a.packet(PacketId{i});
        const Packet right = b.packet(PacketId{i});
        EXPECT_EQ(left.at, right.at);
        EXPECT_EQ(left.original_length, right.original_length);
        EXPECT_TRUE(std::equal(left.bytes.begin(), left.bytes.end(), right.bytes.begin(), right.bytes.end()));
        EXPECT_EQ(a.comments(PacketId{i}), b.comments(PacketId{i}));
    }
    ASSERT_EQ(a.interface_count(), b.interface_count());
    for (std::uint16_t i = 0; i < a.interface_count(); ++i)
        EXPECT_EQ(a.interface(InterfaceId{i}), b.interface(InterfaceId{i}));
}

std::vector<std::byte> contents(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    std::vector<std::byte> out;
    for (char c; in.get(c);)
        out.push_back(static_cast<std::byte>(c));
    return out;
}

TEST(Session, ComesBackEqualInAnyCut) {
    const Folder folder;
    Store store;
    fill(store);
    ASSERT_TRUE(save_session(store, folder.file("s.pcapng")));
    const auto bytes = contents(folder.file("s.pcapng"));
    for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
        Store back;
        SessionDecoder decoder{back};
        for (std::size_t at = 0; at < bytes.size(); at += cut)
            ASSERT_TRUE(decoder.feed(ByteSpan{bytes}.subspan(at, std::min(cut, bytes.size() - at))));
        ASSERT_TRUE(decoder.finish());
        expect_equal(store, back);
        EXPECT_EQ(decoder.summary().packets, 5u);
        EXPECT_EQ(decoder.summary().missing_packets + decoder.summary().newer_events, 0u);
    }
    Store mapped;
    ASSERT_TRUE(SessionDecoder{mapped}.read_mapped(bytes));
    expect_equal(store, mapped);
    const std::byte* first = mapped.packet(PacketId{0}).bytes.data();
    EXPECT_TRUE(bytes.data() < first && first < bytes.data() + bytes.size()) << "referred to, not copied";
}

TEST(Session, TwoSessionsBehindEachOtherStayApart) {
    const Folder folder;
    Store store;
    fill(store);
    ASSERT_TRUE(save_session(store, folder.file("s.pcapng")));
    auto bytes = contents(folder.file("s.pcapng"));
    const auto again_bytes = bytes;
    bytes.insert(bytes.end(), again_bytes.begin(), again_bytes.end());
    Store both;
    SessionDecoder decoder{both};
    ASSERT_TRUE(decoder.read_mapped(bytes));
    const auto half = static_cast<std::uint32_t>(store.size());
    ASSERT_EQ(both.size(), 2u * half);
    EXPECT_EQ(both.packet_count(), 10u);
    const Event again = both.event(EventId{half + 3});
    EXPECT_EQ(again.cause, EventId{half + 2}) << "of its own session";
    EXPECT_EQ(std::get<PacketCaptured>(both.event(EventId{half + 2}).body).packet, PacketId{5});
}

TEST(Session, IsPrivateAndNothingStaysBehindWhenItCannotBeWritten) {
    const Folder folder;
    Store store;
    fill(store);
    ASSERT_TRUE(save_session(store, folder.file("s.pcapng")));
    struct stat info {};
    ASSERT_EQ(::stat(folder.file("s.pcapng").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    fs::create_directory(folder.file("taken"));
    const auto failed = save_session(store, folder.file("taken"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().where, folder.file("taken"));
    EXPECT_FALSE(failed.error().what.empty() || failed.error().hint.empty());
    EXPECT_FALSE(save_session(store, folder.file("none/s.pcapng")));
    EXPECT_EQ(folder.entries(), 2u);
}

TEST(Session, APipeOrDeviceIsWrittenToAndNotReplaced) {
    const Folder folder;
    const std::string pipe = folder.file("pipe");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(reader, 0);
    Store store;
    fill(store);
    EXPECT_TRUE(save_session(store, pipe));
    std::array<char, 4> head{};
    EXPECT_EQ(::read(reader, head.data(), head.size()), 4);
    EXPECT_EQ(head[0], '\x0a');
    ::close(reader);
    EXPECT_TRUE(fs::is_fifo(pipe));
}

/// What a command says, with its errors; "rc N" at the end.
std::string said(const std::string& command) {
    std::string out;
    FILE* pipe = popen(("(" + command + ") 2>&1; echo rc $?").c_str(), "r");
    if (pipe == nullptr) return out;
    for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe))
        out.push_back(static_cast<char>(c));
    pclose(pipe);
    return out;
}
bool missing(const std::string& tool) {
    return said("command -v " + tool).find("rc 0") == std::string::npos;
}

TEST(Session, OtherProgramsOpenIt) {
    for (const char* tool : {"tshark", "capinfos", "tcpdump", "editcap"})
        if (missing(tool)) GTEST_SKIP() << tool << " is not installed";
    const Folder folder;
    const std::string path = folder.file("s.pcapng");
    Store store;
    fill(store);
    ASSERT_TRUE(save_session(store, path));
    const std::string fields =
        said("tshark -r " + path + " -T fields -e frame.time_epoch -e udp.srcport -e data.data 2>/dev/null");
    EXPECT_NE(fields.find("1700000000.000000004\t8080\t04010203"), std::string::npos) << fields;
    EXPECT_NE(said("capinfos -c -M " + path).find("Number of packets:   5"), std::string::npos)
        << said("capinfos -c -M " + path);
    const std::string dump = said("tcpdump -n -r " + path);
    EXPECT_NE(dump.find("127.0.0.1.8080 > 127.0.0.1.8081"), std::string::npos) << dump;
    EXPECT_NE(dump.find("rc 0"), std::string::npos) << dump;

    ASSERT_NE(said("editcap -F pcapng " + path + " " + folder.file("e.pcapng") + " 2").find("rc 0"),
              std::string::npos);
    const auto bytes = contents(folder.file("e.pcapng"));
    Store edited;
    SessionDecoder decoder{edited};
    ASSERT_TRUE(decoder.read_mapped(bytes));
    EXPECT_FALSE(decoder.summary().has_our_events);
    EXPECT_EQ(decoder.summary().packets, 4u);
    EXPECT_EQ(edited.size(), 4u);
}

}  // namespace
}  // namespace synscope::trace
