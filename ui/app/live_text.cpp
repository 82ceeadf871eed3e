#include "ui/app/live_text.hpp"

#include <poll.h>
#include <unistd.h>

#include "net/base/text.hpp"
#include "ui/app/live_trace.hpp"
#include "ui/app/output.hpp"
#include "ui/render/packet_lines.hpp"

namespace synscope::app {

namespace {

constexpr int kLook_ms = 20;  // how often the store is looked at: a line appears within a blink

}  // namespace

Result<void, UserError> print_live(int fd) {
    LiveTrace trace{fd};
    auto out = TextOutput::open("");
    if (!out) return failure(out.error());
    render::PacketLines lines{trace.store()};
    bool last_look = false;
    while (true) {
        const bool read = out->write(lines.take()) && out->flush();
        if (!read || last_look) break;
        last_look = trace.finished();  // what came before that is still to be printed
        if (!last_look) poll(nullptr, 0, kLook_ms);
    }
    if (auto broken = trace.error()) return failure(std::move(*broken));
    return out->finish();
}

}  // namespace synscope::app
