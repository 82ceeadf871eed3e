#pragma once
// Segments for the analyser's tests, written as packets are written everywhere else, at milliseconds of
// choice: "C S 0:0(0) win 1000 wscale 7 mss 1460", "S . 1:1(0) ack 101 sack 201 301". C and S are the ends,
// numbers are relative to the initial ones; "cut 1" is a header that the capture cut.

#include <string>
#include <string_view>
#include <vector>

#include "capture/track/analysis.hpp"
#include "tests/unit/capture/track/conversation.hpp"

namespace synscope::track {

class Script {
  public:
    explicit Script(InitialNumbers isn = {1000, 900000}) : isn_{isn.client, isn.server} {}

    /// What the analyser says of a segment captured at this many milliseconds.
    Verdict at(double ms, std::string_view line);
    /// The names of its flags, 1 ms behind the one before.
    std::string flags(std::string_view line) { return at(now_ms_ + 1, line).flags.names(); }
    /// Several, of which nothing is asked.
    Script& feed(const std::vector<std::string>& lines);
    Script& handshake() {
        return feed({"C S 0:0(0) win 1000", "S S. 0:0(0) ack 1 win 1000", "C . 1:1(0) ack 1 win 1000"});
    }
    void restart(InitialNumbers isn) {
        isn_[0] = isn.client;
        isn_[1] = isn.server;
    }

    Analyzer analyzer;
    Endpoint client{IpAddress::v4(0x0a000001), 40000};
    Endpoint server{IpAddress::v4(0x0a000002), 80};

  private:
    std::uint32_t isn_[2];
    double now_ms_ = 0;
};

}  // namespace synscope::track
