// What becomes of a service's effects, one kind after the other: a service made for the test, and connections
// without an engine or a peer.
#include "net/host/connection.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "net/service/conversation.hpp"

namespace synscope::host {
namespace {

using namespace service;
namespace fs = std::filesystem;

std::string text_of(ByteSpan bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
ByteSpan bytes_of(std::string_view text) {
    return std::as_bytes(std::span{text.data(), text.size()});
}

/// Does what the test says when a message comes, and keeps what it heard of the effects.
class Scripted final : public Service {
  public:
    using OnMessage = std::function<void(ConnectionKey, std::string_view, Effects&)>;
    using OnResult = std::function<void(const EffectResult&, Effects&)>;
    OnMessage on_message = [](ConnectionKey, std::string_view, Effects&) {};
    OnResult on_result = [](const EffectResult&, Effects&) {};
    std::vector<EffectResult> results;
    std::vector<std::string> outputs;

    std::unique_ptr<Session> open(ConnectionKey key, const Endpoint&) override {
        return std::make_unique<ScriptedSession>(*this, key);
    }

  private:
    class ScriptedSession final : public Session {
      public:
        ScriptedSession(Scripted& service, ConnectionKey key) : service_(service), key_(key) {}
        void on_message(ByteSpan message, Effects& effects) override {
            service_.on_message(key_, text_of(message), effects);
        }
        void on_effect_result(const EffectResult& result, Effects& effects) override {
            service_.results.push_back(result);
            if (const auto* ended = std::get_if<CommandEnded>(&result.outcome))
                service_.outputs.push_back(text_of(ended->output));
            service_.on_result(result, effects);
        }

      private:
        Scripted& service_;
        ConnectionKey key_;
    };
};

class EffectsOfAService : public testing::Test {
  protected:
    engine::Connection& connect(std::uint32_t id) {
        sockets_.push_back(std::make_unique<engine::Socket>());
        sockets_.back()->id = SocketId{id};
        connections_.push_back(all_.open(*sockets_.back()));
        return *connections_.back();
    }
    static std::string take(engine::Connection& c) {
        std::string text = text_of(c.output());
        c.sent(text.size());
        return text;
    }
    [[nodiscard]] bool woken() const {
        pollfd p{all_.wake_fd(), POLLIN, 0};
        return ::poll(&p, 1, 0) > 0;
    }

    scenario::Server server_;
    ServiceInfo info_{"scripted", "for a test", true, false, false, nullptr};
    Scripted service_;
    engine::Calls calls_{nullptr, engine::ObserveLevel::Off};
    std::vector<std::vector<std::string>> commands_{{"/bin/echo", "first"}, {"/no/such/program"}};
    int root_fd_ = -1;
    Connections all_{
        {server_, info_, service_, *framing::find_framing("none"), {}, calls_, -1, root_fd_, commands_}};
    std::vector<std::unique_ptr<engine::Socket>> sockets_;
    std::vector<std::unique_ptr<engine::Connection>> connections_;
};

TEST_F(EffectsOfAService, HalfCloseComesAfterWhatIsWrittenAndReadingGoesOn) {
    service_.on_message = [](ConnectionKey, std::string_view, Effects& effects) {
        effects.reply(bytes_of("the last words"));
        effects.add(HalfClose{});
    };
    engine::Connection& c = connect(1);
    c.on_bytes(bytes_of("x"));
    EXPECT_FALSE(c.demand().half_close) << "there is something to be written";
    EXPECT_EQ(take(c), "the last words");
    EXPECT_TRUE(c.demand().half_close);
    EXPECT_FALSE(c.demand().close);
    EXPECT_TRUE(c.demand().read);
    c.half_closed();
    EXPECT_FALSE(c.demand().half_close) << "once";
}

TEST_F(EffectsOfAService, CloseComesAfterWhatIsWrittenAndNothingIsReadAnyMore) {
    int heard = 0;
    service_.on_message = [&heard](ConnectionKey, std::string_view, Effects& effects) {
        ++heard;
        effects.reply(bytes_of("bye"));
        effects.add(Close{});
    };
    engine::Connection& c = connect(1);
    c.on_bytes(bytes_of("x"));
    EXPECT_FALSE(c.demand().read);
    EXPECT_FALSE(c.demand().close);
    c.on_bytes(bytes_of("y"));
    EXPECT_EQ(take(c), "bye");
    EXPECT_TRUE(c.demand().close);
    EXPECT_EQ(heard, 1);
}

TEST_F(EffectsOfAService, AMessageForAnotherConnectionWaitsThereAndWakesTheEngine) {
    service_.on_message = [](ConnectionKey from, std::string_view text, Effects& effects) {
        effects.send_to(ConnectionKey{from.value == 1 ? 2u : 1u}, bytes_of(text));
    };
    engine::Connection& first = connect(1);
    engine::Connection& second = connect(2);
    EXPECT_FALSE(woken());
    first.on_bytes(bytes_of("hello, "));
    first.on_bytes(bytes_of("second"));
    EXPECT_TRUE(woken());
    EXPECT_EQ(all_.take_woken(), (std::vector{SocketId{2}})) << "named once, however many messages wait";
    EXPECT_FALSE(woken());
    EXPECT_FALSE(second.demand().write) << "not before its own thread collects it";
    second.collect();
    EXPECT_EQ(take(second), "hello, second");
    EXPECT_FALSE(first.demand().write);
}

TEST_F(EffectsOfAService, AMessageForOneselfIsAnAnswer) {
    service_.on_message = [](ConnectionKey from, std::string_view text, Effects& effects) {
        effects.send_to(from, bytes_of(text));
    };
    engine::Connection& c = connect(3);
    c.on_bytes(bytes_of("echo"));
    EXPECT_EQ(take(c), "echo");
    EXPECT_FALSE(woken());
}

TEST_F(EffectsOfAService, AMessageForOneWhoHasGoneOrDoesNotReadIsDropped) {
    service_.on_message = [](ConnectionKey, std::string_view text, Effects& effects) {
        effects.send_to(ConnectionKey{2}, bytes_of(text));
    };
    engine::Connection& first = connect(1);
    first.on_bytes(bytes_of("nobody is there"));
    EXPECT_FALSE(woken());
    connect(2);
    const std::string piece(std::size_t{64} << 10, 'x');
    for (int i = 0; i < 40; ++i)  // 2.5 MiB for a connection that collects nothing
        first.on_bytes(bytes_of(piece));
    std::size_t waiting = 0;
    for (const auto& message : all_.outboxes().take(SocketId{2}))
        waiting += message.size();
    EXPECT_LE(waiting, Outboxes::kMostBytes);
    EXPECT_GE(waiting, Outboxes::kMostBytes - piece.size()) << "up to its bound it was kept";
    EXPECT_FALSE(first.demand().close) << "the sender is not to blame";
}

TEST_F(EffectsOfAService, WhatOthersLeaveForOneWhoDoesNotReadIsBoundedAndComesAsItReads) {
    service_.on_message = [](ConnectionKey, std::string_view text, Effects& effects) {
        effects.send_to(ConnectionKey{2}, bytes_of(text));
    };
    engine::Connection& talker = connect(1);
    engine::Connection& slow = connect(2);
    const std::string piece(std::size_t{64} << 10, 'x');
    std::size_t said = 0;
    for (int i = 0; i < 100; ++i, said += piece.size()) {
        talker.on_bytes(bytes_of(piece));
        for (const SocketId id : all_.take_woken()) {
            EXPECT_EQ(id, SocketId{2});
            slow.collect();  // as an engine does, though the peer reads nothing
        }
    }
    EXPECT_LE(slow.output().size(), service::Conversation::kHighWater + Outboxes::kMostBytes);
    EXPECT_LT(slow.output().size(), said / 4) << "it grows with what others say";
    std::size_t heard = 0;
    while (slow.demand().write)
        heard += take(slow).size();
    EXPECT_GT(heard, Outboxes::kMostBytes) << "what was left behind came without anybody being woken";
    EXPECT_EQ(heard % piece.size(), 0u) << "whole messages were dropped, and no part of any";
}

TEST_F(EffectsOfAService, AConnectionWithAThreadOfItsOwnHearsByADescriptorOfItsOwn) {
    service_.on_message = [](ConnectionKey, std::string_view text, Effects& effects) {
        effects.send_to(ConnectionKey{2}, bytes_of(text));
    };
    engine::Connection& talker = connect(1);
    engine::Connection& listener = connect(2);
    talker.on_bytes(bytes_of("early"));
    const auto fd = listener.own_wake_fd();
    ASSERT_TRUE(fd);
    const auto own_woken = [&] {
        pollfd p{*fd, POLLIN, 0};
        return ::poll(&p, 1, 0) > 0;
    };
    EXPECT_TRUE(own_woken()) << "for what was there before";
    listener.collect();
    EXPECT_EQ(take(listener), "early");
    EXPECT_FALSE(own_woken());
    static_cast<void>(all_.take_woken());
    talker.on_bytes(bytes_of("late"));
    EXPECT_TRUE(own_woken());
    EXPECT_FALSE(woken());
    EXPECT_TRUE(all_.take_woken().empty());
}

TEST_F(EffectsOfAService, ACommandOfTheListRunsAndAnyOtherIsRefused) {
    service_.on_message = [](ConnectionKey, std::string_view text, Effects& effects) {
        effects.add(RunCommand{RequestId{5}, static_cast<std::uint32_t>(text[0] - '0')});
    };
    engine::Connection& c = connect(1);
    for (const char* n : {"0", "1", "2", "9"})
        c.on_bytes(bytes_of(n));
    ASSERT_EQ(service_.results.size(), 4u);
    EXPECT_TRUE(std::holds_alternative<CommandEnded>(service_.results[0].outcome));
    EXPECT_EQ(service_.outputs, std::vector<std::string>{"first\n"});
    EXPECT_EQ(std::get<Refused>(service_.results[1].outcome).refusal, Refusal::Failed);
    EXPECT_EQ(std::get<Refused>(service_.results[2].outcome).refusal, Refusal::NotAllowed) << "off the list";
    EXPECT_EQ(std::get<Refused>(service_.results[3].outcome).refusal, Refusal::NotAllowed);
    for (const EffectResult& result : service_.results)
        EXPECT_EQ(result.request, RequestId{5});
}

TEST_F(EffectsOfAService, OutputIsBoundedByTakingNoInputUntilThePeerHasReadSome) {
    service_.on_message = [](ConnectionKey, std::string_view text, Effects& effects) {
        effects.reply(bytes_of(text));
    };
    engine::Connection& c = connect(1);
    const std::string piece(65536, 'p');
    std::size_t taken = 0;
    while (c.demand().read) {
        c.on_bytes(bytes_of(piece));
        taken += piece.size();
        ASSERT_LE(taken, service::Conversation::kHighWater + piece.size()) << "nothing stops it";
    }
    EXPECT_EQ(c.output().size(), taken);
    c.sent(piece.size() * 2);
    EXPECT_TRUE(c.demand().read);
}

/// A file far larger than the bound: it is read no faster than its receiver reads us.
TEST_F(EffectsOfAService, AFileIsReadNoFasterThanItsReceiverReads) {
    std::string pattern = (fs::temp_directory_path() / "synscope-connection.XXXXXX").string();
    const fs::path root = ::mkdtemp(pattern.data());
    constexpr std::size_t kSize = std::size_t{4} << 20;
    std::ofstream(root / "large", std::ios::binary) << std::string(kSize, 'f');
    const engine::UniqueFd root_fd{::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    Connections all{
        {server_, info_, service_, *framing::find_framing("none"), {}, calls_, -1, root_fd.get(), commands_}};

    std::uint64_t offset = 0;
    FileId file;
    service_.on_message = [](ConnectionKey, std::string_view, Effects& effects) {
        effects.add(OpenFile{RequestId{1}, "large", FileMode::Read});
    };
    service_.on_result = [&](const EffectResult& result, Effects& effects) {
        if (const auto* opened = std::get_if<FileOpened>(&result.outcome)) file = opened->file;
        if (const auto* read = std::get_if<FileRead>(&result.outcome)) {
            effects.reply(read->bytes);
            offset += read->bytes.size();
            if (read->bytes.empty()) return effects.add(Close{});
        }
        effects.add(ReadFile{RequestId{2}, file, offset, 65536});
    };
    engine::Socket socket;
    socket.id = SocketId{1};
    const auto c = all.open(socket);
    c->on_bytes(bytes_of("get"));
    std::size_t sent = 0;
    while (c->demand().write) {
        ASSERT_LE(c->output().size(), service::Conversation::kHighWater + 65536)
            << "the whole file is in memory";
        const std::size_t piece = std::min<std::size_t>(c->output().size(), 10'000);
        c->sent(piece);
        sent += piece;
    }
    EXPECT_EQ(sent, kSize);
    EXPECT_TRUE(c->demand().close);
    fs::remove_all(root);
}

}  // namespace
}  // namespace synscope::host
