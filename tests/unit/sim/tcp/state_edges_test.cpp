// RFC 9293 section 3.3.2, Figure 5 and its notes: the table of edges is the figure's, and every edge of it is
// walked.
#include <algorithm>
#include <set>

#include "sim/tcp/states.hpp"
#include "tests/unit/sim/tcp/tcp_scenario.hpp"

namespace synscope::sim::tcp::test {
namespace {

using enum TcpState;

struct Edge {
    TcpState from;
    TcpState to;
    friend auto operator<=>(const Edge&, const Edge&) = default;
};

// ---- the figure

struct FigureEdge {
    Edge edge;
    const char* label;
    /// How this stack walks it. None: it does not, and RFC9293.md says why.
    std::vector<Edge> ours;
};

/// Line by line from the top, then the notes.
const std::vector<FigureEdge>& figure() {
    static const std::vector<FigureEdge> kEdges{
        {{Closed, Listen}, "passive OPEN", {{Closed, Listen}}},
        {{Closed, SynSent}, "active OPEN", {{Closed, SynSent}}},
        {{Listen, Closed}, "CLOSE", {{Listen, Closed}}},
        {{SynSent, Closed}, "CLOSE", {{SynSent, Closed}}},
        // The listener stays; the connection is a child, which begins CLOSED.
        {{Listen, SynReceived}, "rcv SYN", {{Closed, SynReceived}}},
        {{Listen, SynSent}, "SEND", {}},
        {{SynReceived, Listen}, "rcv RST (note 1)", {{SynReceived, Closed}}},
        {{SynSent, SynReceived}, "rcv SYN", {{SynSent, SynReceived}}},
        {{SynSent, Established}, "rcv SYN,ACK", {{SynSent, Established}}},
        {{SynReceived, Established}, "rcv ACK of SYN", {{SynReceived, Established}}},
        {{SynReceived, FinWait1}, "CLOSE", {{SynReceived, FinWait1}}},
        {{Established, FinWait1}, "CLOSE", {{Established, FinWait1}}},
        {{Established, CloseWait}, "rcv FIN", {{Established, CloseWait}}},
        {{FinWait1, FinWait2}, "rcv ACK of FIN", {{FinWait1, FinWait2}}},
        {{FinWait1, Closing}, "rcv FIN", {{FinWait1, Closing}}},
        {{FinWait2, TimeWait}, "rcv FIN", {{FinWait2, TimeWait}}},
        {{Closing, TimeWait}, "rcv ACK of FIN", {{Closing, TimeWait}}},
        {{CloseWait, LastAck}, "CLOSE", {{CloseWait, LastAck}}},
        {{LastAck, Closed}, "rcv ACK of FIN", {{LastAck, Closed}}},
        {{TimeWait, Closed}, "Timeout=2MSL", {{TimeWait, Closed}}},
        {{FinWait1, TimeWait}, "note 2", {{FinWait1, FinWait2}, {FinWait2, TimeWait}}},
        {{SynSent, Closed}, "note 3: RST", {{SynSent, Closed}}},
        {{SynReceived, Closed}, "note 3: RST", {{SynReceived, Closed}}},
        {{Established, Closed}, "note 3: RST", {{Established, Closed}}},
        {{FinWait1, Closed}, "note 3: RST", {{FinWait1, Closed}}},
        {{FinWait2, Closed}, "note 3: RST", {{FinWait2, Closed}}},
        {{CloseWait, Closed}, "note 3: RST", {{CloseWait, Closed}}},
        {{Closing, Closed}, "note 3: RST", {{Closing, Closed}}},
    };
    return kEdges;
}

TEST(TcpStateDiagram, TheTableHoldsWhatFigure5AndItsNotesHoldAndNothingElse) {
    std::set<Edge> wanted;
    for (const FigureEdge& f : figure())
        wanted.insert(f.ours.begin(), f.ours.end());
    std::set<Edge> ours;
    for (const StateEdge& e : kStateEdges)
        EXPECT_TRUE(ours.insert({e.from, e.to}).second) << "twice: " << e.why;
    EXPECT_EQ(ours, wanted);
    EXPECT_TRUE(edge_allowed(Established, FinWait1));
    EXPECT_FALSE(edge_allowed(Listen, Established));
}

TEST(TcpStateDiagram, EveryStateCanBeEnteredAndLeft) {
    for (std::size_t i = 0; i < kTcpStateCount; ++i) {
        const auto state = static_cast<TcpState>(i);
        EXPECT_TRUE(std::any_of(kStateEdges.begin(), kStateEdges.end(),
                                [&](const auto& e) { return e.to == state; }));
        EXPECT_TRUE(std::any_of(kStateEdges.begin(), kStateEdges.end(),
                                [&](const auto& e) { return e.from == state; }));
    }
}

// ---- the walks

class Walked final : public Observer {
  public:
    void state_changed(Instant, const Tcb&, TcpState from, TcpState to, std::string_view why) override {
        EXPECT_FALSE(why.empty());
        edges.push_back({from, to});
    }
    std::vector<Edge> edges;
};

class TcpStateEdge : public TcpScenario, public ::testing::WithParamInterface<StateEdge> {
  public:
    TcpStateEdge() { stack_->set_observer(&walked_); }
    ~TcpStateEdge() override {
        clear_sent();
        stack_->set_observer(nullptr);
    }
    void half_open() {
        listens();
        arrives("S 0:0(0) win 65535 <mss 1000>"), clear_sent();
    }
    void crossed() {
        connects();
        arrives("S 0:0(0) win 65535 <mss 1000>"), clear_sent();
    }
    void closes() { stack_->close(now(), socket_), clear_sent(); }
    void shuts_down() { (void)stack_->shutdown(now(), socket_, ShutdownHow::Write), clear_sent(); }
    void hears(std::string_view text) { arrives(text), clear_sent(); }
    void fin_wait_1() { established(), shuts_down(); }
    void fin_wait_2() { fin_wait_1(), hears(". ack 2 win 65535"); }
    void close_wait() { established(), hears("F. 1:1(0) ack 1 win 65535"); }
    void closing() { fin_wait_1(), hears("F. 1:1(0) ack 1 win 65535"); }
    void time_wait() { fin_wait_2(), hears("F. 1:1(0) ack 2 win 65535"); }

    Walked walked_;
};

struct Walk {
    Edge edge;
    void (*walk)(TcpStateEdge&);
};

const std::vector<Walk>& walks() {
    using T = TcpStateEdge;
    static const std::vector<Walk> kWalks{
        {{Closed, Listen}, [](T& t) { t.listens(); }},
        {{Closed, SynSent}, [](T& t) { t.connects(); }},
        {{Closed, SynReceived}, [](T& t) { t.half_open(); }},
        {{Listen, Closed},
         [](T& t) {
             t.listens();
             t.stack_->close(t.now(), t.listener_);
         }},
        {{SynSent, SynReceived}, [](T& t) { t.crossed(); }},
        {{SynSent, Established}, [](T& t) { t.connected(); }},
        {{SynSent, Closed}, [](T& t) { t.connects(), t.closes(); }},
        {{SynReceived, Established}, [](T& t) { t.half_open(), t.hears(". ack 1 win 65535"); }},
        {{SynReceived, FinWait1}, [](T& t) { t.crossed(), t.closes(); }},
        {{SynReceived, Closed}, [](T& t) { t.half_open(), t.hears("R 1:1(0) win 0"); }},
        {{Established, FinWait1}, [](T& t) { t.fin_wait_1(); }},
        {{Established, CloseWait}, [](T& t) { t.close_wait(); }},
        {{Established, Closed}, [](T& t) { t.established(), t.hears("R 1:1(0) win 0"); }},
        {{FinWait1, FinWait2}, [](T& t) { t.fin_wait_2(); }},
        {{FinWait1, Closing}, [](T& t) { t.closing(); }},
        {{FinWait1, Closed}, [](T& t) { t.fin_wait_1(), t.hears("R 1:1(0) win 0"); }},
        {{FinWait2, TimeWait}, [](T& t) { t.time_wait(); }},
        {{FinWait2, Closed}, [](T& t) { t.fin_wait_2(), t.hears("R 1:1(0) win 0"); }},
        {{CloseWait, LastAck}, [](T& t) { t.close_wait(), t.shuts_down(); }},
        {{CloseWait, Closed}, [](T& t) { t.close_wait(), t.hears("R 2:2(0) win 0"); }},
        {{Closing, TimeWait}, [](T& t) { t.closing(), t.hears(". 2:2(0) ack 2 win 65535"); }},
        {{Closing, Closed}, [](T& t) { t.closing(), t.hears("R 2:2(0) win 0"); }},
        {{LastAck, Closed},
         [](T& t) { t.close_wait(), t.shuts_down(), t.hears(". 2:2(0) ack 2 win 65535"); }},
        {{TimeWait, Closed}, [](T& t) { t.time_wait(), t.in(60s); }},
    };
    return kWalks;
}

TEST_P(TcpStateEdge, IsWalked) {
    const Edge edge{GetParam().from, GetParam().to};
    const auto found =
        std::find_if(walks().begin(), walks().end(), [&](const Walk& w) { return w.edge == edge; });
    ASSERT_NE(found, walks().end()) << "no walk over the edge: " << GetParam().why;
    found->walk(*this);
    EXPECT_EQ(std::count(walked_.edges.begin(), walked_.edges.end(), edge), 1);
    EXPECT_EQ(walked_.edges.back(), edge) << "the walk goes on behind its edge";
}

std::string edge_name(const ::testing::TestParamInfo<StateEdge>& info) {
    std::string name = concat(tcp_state_name(info.param.from), "_to_", tcp_state_name(info.param.to));
    std::erase(name, '-');
    return name;
}
INSTANTIATE_TEST_SUITE_P(EveryEdge, TcpStateEdge, ::testing::ValuesIn(kStateEdges), edge_name);

TEST_F(TcpStateEdge, Note1ARefusedListenerStaysInListen) {
    half_open();
    hears("R 1:1(0) win 0");
    EXPECT_EQ(walked_.edges.back(), (Edge{SynReceived, Closed}));
    EXPECT_EQ(stack_->find(listener_)->state, Listen);
    // And opens for the same peer again.
    hears("S 0:0(0) win 65535 <mss 1000>");
    EXPECT_EQ(stack_->find(local_, peer_)->state, SynReceived);
}

TEST_F(TcpStateEdge, Note2TheFinThatAcknowledgesOursLeadsToTimeWait) {
    fin_wait_1();
    hears("F. 1:1(0) ack 2 win 65535");
    const std::size_t n = walked_.edges.size();
    ASSERT_GE(n, 2u);
    EXPECT_EQ(walked_.edges[n - 2], (Edge{FinWait1, FinWait2}));
    EXPECT_EQ(walked_.edges[n - 1], (Edge{FinWait2, TimeWait}));
}

TEST_F(TcpStateEdge, Note3EveryStateBehindSynSentIsLeftByAReset) {
    const auto reset_from = [&](void (TcpStateEdge::*go)(), const char* reset) {
        use(kLinux);
        forget_numbers();
        stack_->set_observer(&walked_);
        (this->*go)();
        hears(reset);
        EXPECT_EQ(walked_.edges.back().to, Closed);
        return walked_.edges.back().from;
    };
    EXPECT_EQ(reset_from(&TcpStateEdge::half_open, "R 1:1(0) win 0"), SynReceived);
    EXPECT_EQ(reset_from(&TcpStateEdge::crossed, "R 1:1(0) win 0"), SynReceived);
    EXPECT_EQ(reset_from(&TcpStateEdge::fin_wait_1, "R 1:1(0) win 0"), FinWait1);
    EXPECT_EQ(reset_from(&TcpStateEdge::fin_wait_2, "R 1:1(0) win 0"), FinWait2);
    EXPECT_EQ(reset_from(&TcpStateEdge::close_wait, "R 2:2(0) win 0"), CloseWait);
    EXPECT_EQ(reset_from(&TcpStateEdge::closing, "R 2:2(0) win 0"), Closing);
    EXPECT_EQ(reset_from(&TcpStateEdge::time_wait, "R 2:2(0) win 0"), TimeWait);
}

}  // namespace
}  // namespace synscope::sim::tcp::test
