# SPDX-License-Identifier: MIT
# extend.awk - of a trace as `protoc --decode` shows it, a .proto for the events that it describes itself.
# Names of fields may be any: here they are f1, f2 ...
function value(line) { sub(/^[^:]*: /, "", line); return line }
/^    generic_event_descriptors {/ { id = 0; fields = "" }
/^      field_id: / { id = value($0) }
/^        field {/ { number = type = 0 }
/^          number: / { number = value($0) }
/^          type: / {
    split("double float int64 uint64 int32 fixed64 fixed32 bool string group message bytes uint32", words, " ")
    fields = fields "    optional " words[value($0)] " f" number " = " number ";\n"
}
/^    }/ && id {
    if (id in seen)
        exit 1
    seen[id] = 1
    print "message E" id " {\n" fields "}\nextend FtraceEvent { optional E" id " e" id " = " id "; }"
    id = 0
}
