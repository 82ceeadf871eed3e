#pragma once
// What findings are made of, gathered in one pass: calls and busy spans of one connection beside its
// segments. Internal to ui/model.

#include <optional>
#include <string>
#include <vector>

#include "ui/model/findings.hpp"

namespace synscope::model {

struct BusySpan {
    Side side = Side::Server;
    Instant begin;
    Instant end;
    std::string reason;  ///< escaped
    EventId event;
};
struct ClosingCall {
    Side side = Side::Client;
    Syscall call = Syscall::Close;
    Instant at;  ///< entered
    EventId event;
};

struct Facts {
    const TraceSource& source;
    const track::Connection& connection;
    std::vector<BusySpan> busy;
    std::vector<ClosingCall> closing;  ///< close() and shutdown() that end a sending side
    [[nodiscard]] bool has_calls(Side side) const {
        return side == Side::Client ? connection.client_socket.has_value()
                                    : connection.server_socket.has_value();
    }
};
[[nodiscard]] Facts gather_facts(const TraceSource& source, const track::Connection& connection);

void find_writes(const Facts& facts, std::vector<Finding>& out);
void find_messages(const Facts& facts, std::vector<Finding>& out);
void find_teardown(const Facts& facts, std::vector<Finding>& out);

[[nodiscard]] inline std::string_view name_of(Side side) noexcept {
    return side == Side::Client ? "client" : "server";
}
/// "1 byte", "5 bytes"
[[nodiscard]] std::string bytes_count(std::uint64_t n);
/// "5 + 6", "5 + 6 + ... + 7": at most six numbers.
[[nodiscard]] std::string joined_sizes(const std::vector<std::uint64_t>& sizes);

}  // namespace synscope::model
