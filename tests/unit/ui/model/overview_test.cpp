#include "ui/model/overview.hpp"

#include <gtest/gtest.h>

#include "tests/unit/ui/model/made_trace.hpp"
#include "ui/model/ladder_text.hpp"

namespace synscope::model {
namespace {

class OverviewOfTwoTalks : public ::testing::Test {
  protected:
    OverviewOfTwoTalks() {
        trace_.actors();
        const std::int64_t end = test::add_talk(trace_, 100, {});
        trace_.next_connection();
        test::add_talk(trace_, end + 5000, {.framed = true, .delayed_close = false});
        reader_.settle(trace_);
        timeline_.update(trace_, reader_.tracker(), reader_.generation());
    }
    [[nodiscard]] std::vector<InspectorRow> rows(std::optional<ConnectionId> connection = {}) const {
        return overview(reader_.tracker(), timeline_, connection);
    }
    static std::vector<std::string> values(const std::vector<InspectorRow>& rows, std::string_view name) {
        std::vector<std::string> found;
        for (const InspectorRow& row : rows)
            if (row.name == name) found.push_back(row.value);
        return found;
    }

    test::MadeTrace trace_;
    TraceReader reader_;
    Timeline timeline_{{}};
};

TEST_F(OverviewOfTwoTalks, CountsTheTraceAndTellsEachConnection) {
    const auto all = rows();
    EXPECT_EQ(values(all, "connections"), std::vector<std::string>{"2"});
    EXPECT_EQ(values(all, "connection 0").size(), 1u);
    EXPECT_EQ(values(all, "connection 1").size(), 1u);
    EXPECT_EQ(values(all, "client"), (std::vector<std::string>{"127.0.0.1:41000", "127.0.0.1:41001"}));
}

TEST_F(OverviewOfTwoTalks, TellsOneConnectionAloneWithWhatEachSideSent) {
    const auto one = rows(ConnectionId{0});
    EXPECT_TRUE(values(one, "connections").empty());
    EXPECT_TRUE(values(one, "connection 1").empty());
    const auto sent = values(one, "sent");
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_NE(sent[0].find("11 bytes"), std::string::npos) << sent[0];
    EXPECT_EQ(values(one, "last state").size(), 2u);
}

TEST_F(OverviewOfTwoTalks, ItsLinksLeadToTheFirstAndTheLastPacket) {
    const auto& segments = reader_.tracker().connections()[1].segments;
    for (const InspectorRow& row : rows(ConnectionId{1})) {
        if (row.name == "begins") {
            EXPECT_EQ(row.link, segments.front().event);
        }
        if (row.name == "ends") {
            EXPECT_EQ(row.link, segments.back().event);
        }
    }
}

TEST_F(OverviewOfTwoTalks, ExplainsEveryMarkThatTheLadderHas) {
    const auto all = rows();
    EXPECT_EQ(values(all, "how to read the ladder").size(), 1u);
    for (const LegendLine& line : legend(legend_needs(timeline_, reader_.tracker())))
        EXPECT_EQ(values(all, line.mark), std::vector<std::string>{std::string(line.meaning)});
}

TEST(Overview, WhereTheSimulatorSpeaksTheLastStateIsNoGuess) {
    test::MadeTrace trace;
    trace.actors();
    trace.name_client(0);
    const std::int64_t syn = 100;
    trace.segment(syn, Direction::ClientToServer, test::kSyn, 0, 0, 0);
    trace.segment(syn + 10, Direction::ServerToClient, test::kSyn | test::kAck, 0, 1, 0);
    trace.segment(syn + 20, Direction::ClientToServer, test::kAck, 1, 1, 0);
    trace.add(syn + 21, test::MadeTrace::kClient,
              TcpStateChanged{test::MadeTrace::kClientSocket, TcpState::SynSent, TcpState::Established,
                              Evidence::Simulator});
    // A guess follows.
    trace.segment(syn + 30, Direction::ClientToServer, test::kFin | test::kAck, 1, 1, 0);
    TraceReader reader;
    reader.settle(trace);
    Timeline timeline{{}};
    timeline.update(trace, reader.tracker(), reader.generation());
    std::vector<std::string> last;
    for (const InspectorRow& row : overview(reader.tracker(), timeline, ConnectionId{0}))
        if (row.name == "last state") last.push_back(row.value);
    ASSERT_EQ(last.size(), 2u);
    EXPECT_EQ(last[0], "ESTABLISHED (simulator)");
    EXPECT_NE(last[1].find("(inferred)"), std::string::npos) << last[1];
}

}  // namespace
}  // namespace synscope::model
