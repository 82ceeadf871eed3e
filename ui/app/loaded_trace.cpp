#include "ui/app/loaded_trace.hpp"

#include "net/base/text.hpp"
#include "ui/render/store_source.hpp"

namespace synscope::app {

Result<std::unique_ptr<LoadedTrace>, UserError> load_trace(const std::string& path) {
    auto loaded = std::make_unique<LoadedTrace>();
    auto report = source::load_capture(path, loaded->store);
    if (!report) return failure(report.error());
    loaded->report = std::move(*report);
    loaded->connections.settle(render::StoreSource{loaded->store});
    return loaded;
}

Result<const track::Connection*, UserError> connection_by_number(const track::Tracker& tracker,
                                                                 std::uint32_t number) {
    const auto& connections = tracker.connections();
    if (number < connections.size()) return &connections[number];
    return failure(UserError{concat("there is no connection ", number), "",
                             connections.empty()
                                 ? "The file holds no TCP connection."
                                 : concat("Connections are numbered 0 to ", connections.size() - 1, ".")});
}

}  // namespace synscope::app
