#include "capture/track/analysis.hpp"

namespace synscope::track {

namespace {
constexpr std::array<std::string_view, kAnalysisFlagCount> kNames{
    "ack_lost_segment",     "duplicate_ack",
    "fast_retransmission",  "keep_alive",
    "keep_alive_ack",       "lost_segment",
    "out_of_order",         "retransmission",
    "reused_ports",         "spurious_retransmission",
    "window_full",          "window_update",
    "zero_window",          "zero_window_probe",
    "zero_window_probe_ack"};
}  // namespace

std::string_view name(AnalysisFlag flag) noexcept {
    return kNames[static_cast<std::size_t>(flag)];
}

std::string_view name(Ending ending) noexcept {
    switch (ending) {
        case Ending::Open:
            return "open";
        case Ending::HalfClosed:
            return "half-closed";
        case Ending::Closed:
            return "closed";
        case Ending::Reset:
            return "reset";
    }
    return {};
}

void AnalysisFlags::append_names(std::string& out) const {
    bool first = true;
    for (std::size_t i = 0; i < kAnalysisFlagCount; ++i) {
        if (!has(static_cast<AnalysisFlag>(i))) continue;
        if (!first) out += ',';
        out += kNames[i];
        first = false;
    }
}

std::string AnalysisFlags::names() const {
    std::string out;
    append_names(out);
    return out;
}

}  // namespace synscope::track
