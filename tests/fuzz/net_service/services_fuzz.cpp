// Every service (the first byte says which) in every framing that it can be had in (the second): however a
// stream is cut, the answers are the same, and what a service holds is limited.
#include <algorithm>
#include <cstdlib>

#include "tests/unit/net/service/talk.hpp"

namespace {

using namespace synscope;
using namespace synscope::service;

constexpr std::size_t kMostRead = 1 << 17;  // a source never ends, a document of `digest` hardly
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
    host.files = {{"index.html", "<h1>"}, {"a", "0123456789"}, {"f/", ""},
                  {"f/index.html", "f"},  {"l/", ""},          {"l/<a>", "1"}};
    auto& talk = host.connect();
    // Without shared state there is nobody else in the room, and a second source only takes time.
    FakeHost::Talk* other = service.shares_state ? &host.connect() : nullptr;
    Outcome out;
    if (other != nullptr) read(*other, out.other);
    if (other != nullptr && !framing.boundaries) static_cast<void>(other->ask("bob\n"));
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
    if (other != nullptr) read(*other, out.other);
    out.files = host.files;
    out.closes = talk.closes();
    return out;
}

/// Whether every cut must be answered alike: without a framing a sink counts reads; a source is read for
/// longer when there are more of them; and a framing whose peer must first say something is answered in
/// another order.
bool answers_alike(const ServiceInfo& service, const framing::FramingInfo& framing) {
    return service.name != "sink" && service.name != "source" && framing.name != "ready";
}

/// Up to kMostRead: where an answer is longer, reads end where they may.
bool same_answers(const Outcome& a, const Outcome& b) {
    if (a.answers.size() < kMostRead && b.answers.size() < kMostRead)
        return a.answers == b.answers && a.closes == b.closes;
    return a.answers.substr(0, kMostRead) == b.answers.substr(0, kMostRead);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const ServiceInfo& service = services()[data[0] % services().size()];
    const framing::FramingInfo& framing = framing::framings()[data[1] % framing::framings().size()];
    if (service.datagrams || why_not_framed(service, framing)) return 0;  // datagrams are no stream
    const std::size_t cuts = std::min<std::size_t>(data[2], size - 3);
    const std::string_view all{reinterpret_cast<const char*>(data) + 3, size - 3};
    const std::string_view stream = all.substr(cuts);
    // The sum of a long document takes long; those that are sent are summed by nobody.
    if (service.name == "digest" && stream.find("/sha256") != std::string_view::npos) return 0;
    const Outcome cut = serve(service, framing, stream, all.substr(0, cuts));
    if (!answers_alike(service, framing)) return 0;
    const Outcome whole = serve(service, framing, stream, {});
    if (!same_answers(whole, cut) || whole.other != cut.other || whole.files != cut.files) std::abort();
    return 0;
}
