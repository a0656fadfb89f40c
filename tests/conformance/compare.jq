# SPDX-License-Identifier: MIT
# compare.jq - what is wanted of a test vector (its .json) with what readers gave; a line for each
# difference. For conformance.sh:
#   $want: [the vector]; $got, $library: what they printed; $text, $err: of tpdecode as text; $code.
#   $attached: [], or what tpdecode prints of the dump that tp_trace_attach has given; $attach_code.

def differ(what; a; b): if a == b then empty else "\(what): wanted \(a | tojson), got \(b | tojson)" end;

# A value of a field as text.
def field_text:
    if type == "array" then "{" + (map(field_text) | join(",")) + "}"
    elif . == true then "1" elif . == false then "0" else tostring end;

# Is the value of a field the text? Of a bool any number but 0 is true. jq has no larger integers than
# 2^53: those are in the message as well.
def field_is($text):
    if type == "boolean" then . == ($text != "0")
    elif type == "number" and (. > 9007199254740992 or . < -9007199254740992) then true
    else field_text == $text end;

def is_record: has("cpu") and (has("lost") | not);

# What a vector leaves open is not compared, nor which of several captures of an image a record is of.
def as_wanted($w): del(.capture) | if $w.event and ($w | has("fields") | not) then del(.fields) else . end;

def each_pair(a; b): range([a, b] | map(length) | max) as $i | [a[$i], b[$i]];

$want[0] as $w
| ($got | map(select(is_record))) as $records
| ($text | split("\n") | map(select(. != "" and (startswith("--- ") | not)))) as $lines
| ($err | split("\n") | map(select(. != "") | sub("^tpdecode: \($name): "; ""))) as $said
| ($library | map(select(.kind == "record"))) as $lib
| differ("exit status"; $w.exit; $code),
  (each_pair($w.records; $records) as [$a, $b]
   | if $a and $b then differ("record"; $a | del(.number, .text); $b | as_wanted($a))
     else differ("record"; $a; $b) end),
  differ("losses"; $w.losses; $got | map(select(has("lost")) | del(.utc))),
  differ("sampled"; $w.sampled // []; $got | map(select(has("suppressed")))),
  # A line of text ends in the message.
  (range($w.records | length) as $i | $w.records[$i]
   | select(.text != null) | (": " + .text + if .unfinished then " <unfinished>" else "" end) as $last
   | select($lines[$i] // "" | endswith($last) | not) | "text: wanted \($last), got \($lines[$i])"),
  (if $w.messages == [] then empty else differ("messages"; $w.messages; $said) end),
  differ("library: answer"; $w.state; $library[-1].state),
  differ("library: losses"; $w.losses | map(select(.cause != "unknown_cpu"));
         $library | map(select(.kind == "loss") | del(.kind))),
  (each_pair($w.records; $lib) as [$a, $b]
   | differ("library: place"; $a | [.cpu, .time_ns, .number, .unfinished == true, .id, .raw];
            $b | [.cpu, .time_ns, .number, .unfinished, .id, .raw]),
     differ("library: text"; $a.text; $b.text),
     (if $b.event then differ("library: event"; $a.event; $b.event) else empty end),
     (if $a.fields then $b.fields // {} else {} end | to_entries[]
      | .key as $key | .value as $value | $a.fields[$key]
      | select(field_is($value) | not) | "library: field \($key): wanted \(tojson), got \($value)")),
  # An attached ring is read as a live one is: what is in flight is passed over, and marks have the
  # time of now. So: the same records, as many lost on each CPU, and damage where there is damage.
  (if $attached == [] then empty else
     ($attached | map(select(is_record))) as $again
     | differ("tp_trace_attach: records";
              $w.records | map(select(.unfinished | not) | [.cpu, .time_ns, .fields]) | sort;
              $again | map([.cpu, .time_ns, .fields]) | sort),
       differ("tp_trace_attach: lost";
              $w.losses | group_by(.cpu) | map([.[0].cpu, (map(.lost // 0) | add)]) | map(select(.[1] > 0));
              $attached | map(select(has("lost"))) | group_by(.cpu)
              | map([.[0].cpu, (map(.lost // 0) | add)]) | map(select(.[1] > 0))),
       (if $w.exit > 1 then empty
        else differ("tp_trace_attach: exit status"; $w.exit; $attach_code) end)
   end)
