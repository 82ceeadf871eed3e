// Every service (the first byte says which) in every framing that it can be had in (the second): however a
// stream is cut, the answers are the same, and what a service holds is limited.
#include <algorithm>
#include <cstdlib>

#include "tests/unit/net/service/talk.hpp"

namespace {

using namespace synscope;
using namespace synscope::service;

constexpr std::size_t kMostRead = 1 << 17;  // a source never ends
constexpr std::size_t kMostHeld = 4 << 20;

/// Everything that is answered, up to kMostRead.
void read(FakeHost::Talk& talk, std::string& out) {
    while (talk.conversation().wants_to_write() && out.size() < kMostRead) {
        if (talk.conversation().output().size() > kMostHeld) std::abort();
        out += talk.said(65536);
    }
}

struct Outcome {
    std::string answers;
    std::string other;  ///< what somebody else in the room heard
    std::map<std::string, std::string> files;
    bool closes = false;
};

Outcome serve(const ServiceInfo& service, const framing::FramingInfo& framing, std::string_view stream,
              std::string_view cut_at) {
    FakeHost host{service.name, framing.name};
    host.files = {{"index.html", "<h1>"}, {"a", "0123456789"}, {"f/", ""}, {"f/index.html", "f"}};
    auto& talk = host.connect();
    auto& other = host.connect();
    Outcome out;
    read(other, out.other);
    if (service.shares_state && !framing.boundaries) static_cast<void>(other.ask("bob\n"));
    read(talk, out.answers);
    for (const char c : cut_at) {
        const std::string_view piece = stream.substr(0, static_cast<unsigned char>(c));
        stream.remove_prefix(piece.size());
        if (!piece.empty()) talk.hear(piece);
        read(talk, out.answers);
    }
    if (!stream.empty()) talk.hear(stream);
    read(talk, out.answers);
    talk.eof();
    read(talk, out.answers);
    read(other, out.other);
    out.files = host.files;
    out.closes = talk.closes();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const ServiceInfo& service = services()[data[0] % services().size()];
    const framing::FramingInfo& framing = framing::framings()[data[1] % framing::framings().size()];
    // `digest` may be asked for sums that take long, and datagrams are no stream.
    if (service.name == "digest" || service.datagrams || why_not_framed(service, framing)) return 0;
    const std::size_t cuts = std::min<std::size_t>(data[2], size - 3);
    const std::string_view all{reinterpret_cast<const char*>(data) + 3, size - 3};
    const Outcome whole = serve(service, framing, all.substr(cuts), {});
    const Outcome cut = serve(service, framing, all.substr(cuts), all.substr(0, cuts));
    // Without a framing a sink counts reads; a source is read for longer when there are more of them; and a
    // framing whose peer must first say something is answered in another order.
    if (service.name == "sink" || service.name == "source" || framing.name == "ready") return 0;
    if (whole.answers != cut.answers || whole.other != cut.other || whole.files != cut.files) std::abort();
    if (whole.closes != cut.closes) std::abort();
    return 0;
}
