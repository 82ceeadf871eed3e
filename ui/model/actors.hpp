#pragma once
// Who takes part in a trace: what each actor declared itself as. Thread rule: a value.

#include <map>
#include <optional>
#include <string_view>

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
    /// Of the one who spoke up first.
    [[nodiscard]] std::optional<TextId> name_of_first(ActorRole role) const {
        for (const auto& [actor, as] : all_)
            if (as.role == role) return as.name;
        return std::nullopt;
    }

  private:
    std::map<ActorId, ActorDeclared> all_;
};

}  // namespace synscope::model
