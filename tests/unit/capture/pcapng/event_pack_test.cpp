#include "capture/pcapng/event_pack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string>
#include <vector>

namespace synscope::pcapng {
namespace {

class Texts final : public TextInterner, public TextResolver {
  public:
    TextId intern(std::string_view text) override {
        const auto found = std::find(all.begin(), all.end(), text);
        if (found != all.end()) return TextId{static_cast<std::uint32_t>(found - all.begin())};
        all.emplace_back(text);
        return TextId{static_cast<std::uint32_t>(all.size() - 1)};
    }
    std::string_view text(TextId id) const override { return all.at(id.value); }
    std::vector<std::string> all;
};

constexpr const char* kPoll = "net/engine/engine_poll.cpp";
constexpr const char* kClients = "net/engine/clients.cpp";

PackedCall recv_call() {
    PackedCall call;
    call.begun = Instant{1'700'000'000'000'000'000};
    call.ended = Instant{1'700'000'000'000'000'731};
    call.call = Syscall::Recv;
    call.has_socket = call.moved = true;
    call.fd = 7;
    call.socket = SocketId{std::numeric_limits<std::uint32_t>::max()};
    call.thread = ThreadId{4711};
    call.args = {65536, -1};
    call.file = kClients;
    call.line = 98;
    call.outcome = 64;
    call.moved_from = std::uint64_t{1} << 40;
    return call;
}
PackedCall again_call() {
    PackedCall call = recv_call();
    call.begun = call.ended = Instant{1'699'999'999'999'999'000};  // another thread was faster
    call.thread = ThreadId{4712};
    call.moved = false;
    call.outcome = -EAGAIN;
    call.moved_from = 0;
    return call;
}
PackedCall poll_call() {
    PackedCall call = recv_call();
    call.call = Syscall::Poll;
    call.has_socket = call.moved = false;
    call.fd = -1;
    call.socket = {};
    call.args = {3, std::numeric_limits<std::int64_t>::min()};
    call.file = kPoll;
    call.outcome = 0;
    call.moved_from = 0;
    return call;
}
const ReadinessReported kReady{-5, SocketId{3}, ThreadId{4712}, 0x80000001, ReadinessVia::Signal};

/// What stands between the head of a block and its trailer.
ByteSpan body_of(const std::vector<std::byte>& block) {
    return ByteSpan{block}.subspan(kBlockHead, block.size() - kBlockHead - kBlockTrailer);
}

class Pack {
  public:
    explicit Pack(std::uint32_t first = 1000)
        : bytes_(65536), at_(writer_.begin(bytes_.data(), EventId{first}, Instant{5}, ActorId{9})) {}
    Pack& call(const PackedCall& call) {
        at_ = writer_.call(at_, call, call.file);
        return *this;
    }
    Pack& ready(Instant when) {
        at_ = writer_.readiness(at_, when, kReady);
        return *this;
    }
    std::vector<std::byte> block() {
        at_ = writer_.end(bytes_.data(), at_);
        bytes_.resize(static_cast<std::size_t>(at_ - bytes_.data()));
        return bytes_;
    }
    PackWriter& writer() { return writer_; }

  private:
    std::vector<std::byte> bytes_;
    PackWriter writer_;
    std::byte* at_;
};

struct Read {
    std::vector<Event> events;
    std::optional<EventFault> fault;
};
Read read(ByteSpan body, Texts& texts) {
    Read out;
    EventReader reader{body, texts};
    while (auto event = reader.next())
        out.events.push_back(*event);
    EXPECT_FALSE(reader.next()) << "an end is an end";
    out.fault = reader.fault();
    return out;
}

void expect_call(const Read& read, std::size_t at, const PackedCall& call, Texts& texts) {
    const std::int64_t result = call.outcome < 0 ? -1 : call.outcome;
    const auto error = static_cast<std::int32_t>(call.outcome < 0 ? -call.outcome : 0);
    ByteRange bytes;
    if (call.moved) bytes = {call.moved_from, call.moved_from + static_cast<std::uint64_t>(call.outcome)};
    const EventId id{static_cast<std::uint32_t>(1000 + at)};
    const Event entered{id,
                        call.begun,
                        ActorId{9},
                        {},
                        SyscallEntered{call.call,
                                       call.fd,
                                       call.socket,
                                       call.has_socket,
                                       call.thread,
                                       call.args,
                                       {texts.intern(call.file), call.line}}};
    const Event returned{
        EventId{id.value + 1}, call.ended, ActorId{9}, id,
        SyscallReturned{call.call, call.fd, call.socket, call.has_socket, call.thread, result, error, bytes}};
    ASSERT_GT(read.events.size(), at + 1);
    EXPECT_EQ(read.events[at], entered);
    EXPECT_EQ(read.events[at + 1], returned);
}

TEST(EventPack, CallsAndReadinessComeBackEqual) {
    const Instant when{1'700'000'000'000'000'800};
    const auto block =
        Pack{}.call(recv_call()).ready(when).call(again_call()).call(poll_call()).call(recv_call()).block();
    EXPECT_EQ(block.size() % 4, 0u);
    EXPECT_EQ(load_le32(block, 0), kEventBlockType);
    EXPECT_EQ(load_le32(block, 4), block.size());
    EXPECT_EQ(load_le32(block, block.size() - 4), block.size());
    Texts texts;
    const Read back = read(body_of(block), texts);
    EXPECT_FALSE(back.fault);
    ASSERT_EQ(back.events.size(), 9u);
    expect_call(back, 0, recv_call(), texts);
    EXPECT_EQ(back.events[2], (Event{EventId{1002}, when, ActorId{9}, {}, kReady}));
    expect_call(back, 3, again_call(), texts);
    expect_call(back, 5, poll_call(), texts);
    expect_call(back, 7, recv_call(), texts);
    EXPECT_EQ(texts.all.size(), 2u) << "a file is named once";
}

TEST(EventPack, SaysWhenOneFileMoreHasNoPlace) {
    const std::string names(PackWriter::kMostFiles, 'f');
    Pack pack;
    for (const char& name : names) {
        EXPECT_FALSE(pack.writer().full());
        PackedCall call = recv_call();
        call.file = &name;  // files are told apart by where their names are
        pack.call(call);
    }
    EXPECT_TRUE(pack.writer().full());
}

TEST(EventPack, AnEmptyOneHasNoEvents) {
    Texts texts;
    const Read back = read(body_of(Pack{}.block()), texts);
    EXPECT_TRUE(back.events.empty());
    EXPECT_FALSE(back.fault);
}

TEST(EventPack, EveryPrefixIsTruncatedAfterEventsThatAreRight) {
    const auto block = Pack{}.call(recv_call()).ready(Instant{7}).call(again_call()).block();
    Texts texts;
    const Read whole = read(body_of(block), texts);
    ASSERT_EQ(whole.events.size(), 5u);
    std::size_t unpadded = body_of(block).size();
    while (unpadded > 0 && !read(body_of(block).first(unpadded - 1), texts).fault)
        --unpadded;  // what is left away is padding
    for (std::size_t size = 0; size < unpadded; ++size) {
        const Read back = read(body_of(block).first(size), texts);
        EXPECT_EQ(back.fault, EventFault::Truncated) << "cut to " << size;
        ASSERT_LT(back.events.size(), whole.events.size());
        EXPECT_TRUE(std::equal(back.events.begin(), back.events.end(), whole.events.begin()));
    }
}

TEST(EventPack, LaterRecordsAndFlagsAreNewer) {
    Texts texts;
    const auto block = Pack{}.ready(Instant{7}).block();
    const ByteSpan body = body_of(block);
    // Version and count, then three numbers: 1000 is two bytes, 5 and 9 are one each.
    constexpr std::size_t kFirstRecord = 5 + 2 + 1 + 1;
    ASSERT_EQ(load_u8(body, kFirstRecord), static_cast<std::uint8_t>(PackKind::Readiness));
    for (const int head : {3, 2 | 1 << 5, 2 | 1 << 7}) {
        std::vector<std::byte> later{body.begin(), body.end()};
        later[kFirstRecord] = static_cast<std::byte>(head);
        EXPECT_EQ(read(later, texts).fault, EventFault::Newer) << head;
    }
    std::vector<std::byte> version{body.begin(), body.end()};
    version[0] = std::byte{kPackVersion + 1};
    EXPECT_EQ(read(version, texts).fault, EventFault::Newer);
}

TEST(EventPack, WhatCannotBeIsMalformed) {
    Texts texts;
    const auto fault_of = [&texts](const PackedCall& call) {
        return read(body_of(Pack{}.call(call).block()), texts).fault;
    };
    PackedCall call = recv_call();
    call.outcome = -3;  // an error that moved bytes
    EXPECT_EQ(fault_of(call), EventFault::Malformed);
    call = recv_call();
    call.moved_from = std::numeric_limits<std::uint64_t>::max() - 1;
    EXPECT_EQ(fault_of(call), EventFault::Malformed) << "beyond the end of every stream";
    call = again_call();
    call.outcome = std::int64_t{std::numeric_limits<std::int32_t>::min()} - 1;
    EXPECT_EQ(fault_of(call), EventFault::Malformed) << "no errno";
    call = recv_call();
    call.begun = Instant{std::numeric_limits<std::int64_t>::max()};
    EXPECT_EQ(fault_of(call), EventFault::Malformed) << "after the end of time";
    const auto last = Pack{std::numeric_limits<std::uint32_t>::max()}.call(recv_call()).block();
    EXPECT_EQ(read(body_of(last), texts).fault, EventFault::Malformed) << "there is no id for the return";
}

TEST(EventReader, ReadsBlocksOfASingleEventToo) {
    Texts texts;
    const Event event{EventId{1}, Instant{2}, ActorId{3}, {}, Note{Severity::Error, texts.intern("hello")}};
    std::vector<std::byte> body;
    encode_event(event, texts, body);
    const Read back = read(body, texts);
    EXPECT_FALSE(back.fault);
    EXPECT_EQ(back.events, std::vector{event});
    EXPECT_EQ(read(ByteSpan{body}.first(4), texts).fault, EventFault::Truncated);
    EXPECT_EQ(read({}, texts).fault, EventFault::Truncated);
}

}  // namespace
}  // namespace synscope::pcapng
