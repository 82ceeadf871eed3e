// Bytes in the send queue, in flight and in the receive queue, as steps in time.
#include <gtest/gtest.h>

#include "capture/track/provenance.hpp"
#include "net/base/text.hpp"
#include "tests/unit/capture/track/conversation.hpp"

namespace synscope::track {
namespace {

/// "5ms 11/11/11": send queue, flight, receive queue.
std::string steps(const Connection& connection) {
    std::string text;
    for (const Occupancy& o : occupancy(connection, Direction::ClientToServer))
        text += concat(text.empty() ? "" : ", ", o.at.ns / 1'000'000, "ms ", o.send_queue, '/', o.flight, '/',
                       o.receive_queue);
    return text;
}

class Occupancies : public ::testing::TestWithParam<InitialNumbers> {
  protected:
    void SetUp() override {
        wire.call(0, 4, Side::Client, Syscall::Connect, 0);
        wire.handshake();
    }
    void name_both() {
        wire.named(4, Side::Client);
        wire.named(4, Side::Server);
    }
    Conversation wire{GetParam().client, GetParam().server};
};
INSTANTIATE_TEST_SUITE_P(InitialNumbers, Occupancies, ::testing::ValuesIn(kInitialNumbers));

TEST_P(Occupancies, ByteGoesFromQueueToFlightToQueue) {
    name_both();
    wire.write(5, 6, Side::Client, 11);
    wire.packet_at(8, "C P. 1:12(11) ack 1");
    wire.packet_at(10, "S . 1:1(0) ack 12");
    wire.read(20, 21, Side::Server, 11);
    EXPECT_EQ(steps(wire.connection()), "6ms 11/0/0, 8ms 11/11/11, 10ms 0/0/11, 21ms 0/0/0");
}

TEST_P(Occupancies, TransmissionMayComeBeforeTheCallReturns) {
    name_both();
    wire.write(5, 9, Side::Client, 11);
    wire.packet_at(7, "C P. 1:12(11) ack 1");
    EXPECT_EQ(steps(wire.connection()), "7ms 11/11/11");
}

TEST_P(Occupancies, BehindAGapNothingArrives) {
    name_both();
    wire.write(5, 5, Side::Client, 20);
    wire.packet_at(7, "C P. 11:21(10) ack 1");
    wire.packet_at(9, "C P. 1:11(10) ack 1");
    EXPECT_EQ(steps(wire.connection()), "5ms 20/0/0, 7ms 20/10/0, 9ms 20/20/20");
}

TEST_P(Occupancies, PartialAckAndPartialRead) {
    name_both();
    wire.write(5, 5, Side::Client, 20);
    wire.packet_at(6, "C P. 1:21(20) ack 1");
    wire.packet_at(7, "S . 1:1(0) ack 6");
    wire.read(8, 8, Side::Server, 15);
    EXPECT_EQ(steps(wire.connection()), "5ms 20/0/0, 6ms 20/20/20, 7ms 15/15/20, 8ms 15/15/5");
}

TEST_P(Occupancies, AckOfTheFinIsNoByte) {
    name_both();
    wire.write(5, 5, Side::Client, 2);
    wire.packet_at(6, "C F. 1:3(2) ack 1");
    wire.packet_at(7, "S . 1:1(0) ack 4");
    wire.read(8, 8, Side::Server, 2);
    EXPECT_EQ(steps(wire.connection()), "5ms 2/0/0, 6ms 2/2/2, 7ms 0/0/2, 8ms 0/0/0");
}

TEST_P(Occupancies, ForeignCaptureKnowsOnlyTheFlight) {
    wire.packets({"C P. 1:12(11) ack 1", "S . 1:1(0) ack 12"});
    EXPECT_EQ(steps(wire.connection()), "4ms 11/11/0, 5ms 0/0/0");
}

}  // namespace
}  // namespace synscope::track
