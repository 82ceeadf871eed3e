#pragma once
// Who takes part in a trace: what each actor declared itself as. Thread rule: a value.

#include <map>
#include <optional>

#include "capture/track/tracker.hpp"
#include "ui/model/trace_source.hpp"

namespace synscope::model {

class Actors {
  public:
    void declared(ActorId actor, const ActorDeclared& as) { all_[actor] = as; }
    [[nodiscard]] bool is_server(ActorId actor) const {
        const auto it = all_.find(actor);
        return it != all_.end() && it->second.role == ActorRole::Server;
    }
    [[nodiscard]] std::optional<TextId> name_of(ActorId actor) const {
        const auto it = all_.find(actor);
        return it == all_.end() ? std::nullopt : std::optional(it->second.name);
    }
    /// Who stands on a side: of the one connection, or of the first that knows; where there is none, and
    /// `datagrams` say that somebody talks UDP, the one who spoke up first.
    [[nodiscard]] std::optional<TextId> name_of(Side side, const track::Tracker& tracker,
                                                std::optional<ConnectionId> only, bool datagrams) const {
        const bool client = side == Side::Client;
        for (const track::Connection& c : tracker.connections()) {
            if (only && *only != c.id) continue;
            if (!(client ? c.client_socket : c.server_socket)) continue;
            if (const auto name = name_of(client ? c.client_actor : c.server_actor)) return name;
        }
        return datagrams ? name_of_first(client ? ActorRole::Client : ActorRole::Server) : std::nullopt;
    }

  private:
    [[nodiscard]] std::optional<TextId> name_of_first(ActorRole role) const {
        for (const auto& [actor, as] : all_)
            if (as.role == role) return as.name;
        return std::nullopt;
    }
    std::map<ActorId, ActorDeclared> all_;
};

}  // namespace synscope::model
