// SPDX-License-Identifier: MIT
// filter.js - the language of tp/filter.h: the same words, the same precedence, the same meaning as
// tpdecode --filter. A text is compiled for each event by itself, into a function of a record.
//
//     const filter = compileFilter('next > 100 && comm ~ "ssh*"')
//     filter.problem   null, or {message, column}: no event has all that is asked for
//     filter.passes(item)

const FILTER_MOST = {bytes: 1023, tests: 64, depth: 32, literals: 512}
const COMMON = {
    common_type: 'type', common_flags: 'flags', common_preempt_count: 'preempt', common_pid: 'pid',
    common_cpu: 'cpu', common_comm: 'comm', CPU: 'cpu', cpu: 'cpu', COMM: 'comm', comm: 'comm'
}

class FilterError extends Error {
    constructor(code, column, message) {
        super(message)
        this.code = code
        this.column = column
    }
}

const isLetter = c => /^[A-Za-z_]$/.test(c)
const isInside = c => /^[A-Za-z0-9_]$/.test(c)
const isDigit = c => c >= '0' && c <= '9' && c.length === 1
const isBare = (c, glob) => c !== '' && (isInside(c) || c >= '\x80' || (glob ? '.-/:*?[]!^\\' : '.-/:*?').includes(c))

// Texts are strings with a character for each byte.
class FilterParser {
    constructor(text, event) {
        this.text = text
        this.at = 0
        this.event = event
        this.tests = this.depth = this.literals = 0
        this.needsContext = false
    }

    fail(code, column, message) {
        throw new FilterError(code, column, message)
    }

    peek(ahead = 0) {
        return this.text[this.at + ahead] || ''
    }

    blanks() {
        while (this.peek() !== '' && ' \t\n\r\v\f'.includes(this.peek()))
            this.at++
    }

    // --- the expression ---

    parse() {
        if (this.text.length > FILTER_MOST.bytes)
            this.fail('long', FILTER_MOST.bytes, 'more than 1023 bytes')
        this.blanks()
        if (this.at === this.text.length)
            this.fail('empty', 0, 'the filter is empty')
        const test = this.any()
        if (this.peek() === ')')
            this.fail('syntax', this.at, 'a ) without a (')
        return test
    }

    any() {
        let left = this.all()
        while (this.junction() === '|') {
            this.at += 2
            const a = left, b = this.all()
            left = item => a(item) || b(item)
        }
        return left
    }

    all() {
        let left = this.one()
        while (this.junction() === '&') {
            this.at += 2
            const a = left, b = this.one()
            left = item => a(item) && b(item)
        }
        return left
    }

    // && or ||, or where an expression ends.
    junction() {
        this.blanks()
        const c = this.peek()
        if (c === '' || c === ')')
            return null
        if (c !== '&' && c !== '|')
            this.fail('syntax', this.at, 'an operator was expected')
        if (this.peek(1) !== c)
            this.fail('syntax', this.at, c === '&' ? "'&' is not an operator here: use &&"
                : "'|' is not an operator: use ||")
        return c
    }

    one() {
        this.blanks()
        const c = this.peek(), start = this.at
        if (c !== '!' && c !== '(')
            return this.term()
        if (this.depth === FILTER_MOST.depth)
            this.fail('deep', start, 'more than 32 nested ( and !')
        this.depth++
        this.at++
        const test = c === '!' ? this.one() : this.any()
        if (c === '(') {
            this.blanks()
            if (this.peek() !== ')')
                this.fail('syntax', this.at, 'a ) is missing')
            this.at++
        }
        this.depth--
        return c === '!' ? item => !test(item) : test
    }

    // --- terms ---

    term() {
        const start = this.at
        if (!isLetter(this.peek()))
            this.fail('syntax', start, 'a field was expected')
        const field = this.find(this.word())
        if (!field)
            this.fail('field', start, 'no such field')
        if (field.kind === 'opaque')
            this.fail('kind', start, 'bytes and arrays cannot be compared')
        this.blanks()
        const test = field.kind === 'float' ? this.floatTerm(field)
            : field.kind === 'text' ? this.textTerm(start, field) : this.numberTerm(field)
        if (++this.tests > FILTER_MOST.tests)
            this.fail('long', start, 'more than 64 tests')
        return test
    }

    word() {
        const start = this.at
        while (isInside(this.peek()))
            this.at++
        return this.text.slice(start, this.at)
    }

    find(name) {
        const number = this.event.fields.findIndex(f => f.name === name)
        if (number >= 0)
            return filterField(this.event, number)
        if (!Object.hasOwn(COMMON, name))
            return null
        const field = filterCommon(COMMON[name], this.event)
        this.needsContext = this.needsContext || field.context
        return field
    }

    operator() {
        const c = this.peek(), next = this.peek(1)
        if (c === '=' && next !== '=')
            this.fail('syntax', this.at, "'=' is not an operator: use ==")
        if (c === '!' && next !== '=')
            this.fail('syntax', this.at, "'!' is not an operator: use !=")
        for (const word of ['==', '!=', '<=', '>=', '<', '>', '~'])
            if (this.text.startsWith(word, this.at)) {
                this.at += word.length
                return word
            }
        if (c === '&' && next !== '&') {
            this.at++
            return '&'
        }
        return null
    }

    numberTerm(field) {
        let at = this.at, operator = this.operator(), get = field.get
        if (operator === '&') {
            this.blanks()
            const mask = this.number(field, false)
            this.blanks()
            at = this.at
            operator = this.operator()
            if (operator === '&')
                this.fail('syntax', at, "'&' is not an operator here: use &&")
            get = filterMask(field, mask)
        }
        if (operator === '~')
            this.fail('kind', at, '~ is for texts, and the field is a number')
        if (!operator)
            return item => get(item) != 0 // eslint-disable-line eqeqeq
        this.blanks()
        return filterCompare(operator, get, this.number(field, true))
    }

    floatTerm(field) {
        let at = this.at
        const operator = this.operator()
        if (operator === '~' || operator === '&')
            this.fail('kind', at, 'this number has == != < <= > and >= only')
        if (!operator)
            return filterFloats('!=', field.get, () => 0)
        this.blanks()
        at = this.at
        const other = this.otherField()
        if (other && other.kind !== 'float')
            this.fail('kind', at, 'this field is no f32 or f64')
        return filterFloats(operator, field.get, other ? other.get : this.float())
    }

    textTerm(start, field) {
        const from = this.at, operator = this.operator()
        if (!operator)
            this.fail('kind', start, 'a text needs ==, != or ~')
        if (!['==', '!=', '~'].includes(operator))
            this.fail('kind', from, 'a text has ==, != and ~ only')
        this.blanks()
        const at = this.at, glob = operator === '~'
        let value = null, other = null
        if (this.peek() === '"' || this.peek() === "'")
            value = this.quoted(glob)
        else if (!glob && (other = this.otherField()) !== null) {
            if (other.kind !== 'text')
                this.fail('kind', at, 'this field is not a text: put a text in quotes')
        } else
            value = this.bare(glob)
        if (value !== null)
            this.literals += value.length
        if (this.literals > FILTER_MOST.literals)
            this.fail('long', at, 'more than 512 bytes of texts')
        const get = field.get
        if (glob)
            return item => globMatches(value, get(item))
        const right = other ? other.get : () => value
        return operator === '==' ? item => get(item) === right(item) : item => get(item) !== right(item)
    }

    // The field that the bare word here names; else nothing is read.
    otherField() {
        const start = this.at, word = this.word()
        if (word !== '' && !isBare(this.peek(), false)) {
            const field = this.find(word)
            if (field)
                return field
        }
        this.at = start
        return null
    }

    // --- numbers ---

    // A BigInt or, if it may be, the `get` of another field.
    number(field, fieldAllowed) {
        const c = this.peek()
        if ((c === '"' || c === "'") && field.table)
            return this.quotedNames(field)
        if (c === '"')
            this.fail('kind', this.at, 'a text, but the field is a number')
        let value = this.numberPart(field, fieldAllowed)
        if (typeof value === 'function')
            return value
        while (field.table && field.table.flags) {
            this.blanks()
            if (this.peek() !== '|' || this.peek(1) === '|')
                break
            this.at++
            this.blanks()
            value = mergeNames(value, this.numberPart(field, false))
        }
        return value
    }

    numberPart(field, fieldAllowed) {
        const start = this.at
        if (!isLetter(this.peek()))
            return this.plainNumber()
        const word = this.word(), named = nameValue(field, word)
        if (named !== null)
            return named
        const other = fieldAllowed ? this.find(word) : null
        if (other) {
            if (other.kind !== 'signed' && other.kind !== 'unsigned')
                this.fail('kind', start, 'this field is not a number')
            return other.get
        }
        if (field.table)
            this.fail('name', start, "no such name in the field's table")
        if (fieldAllowed)
            this.fail('field', start, 'no such field')
        return this.fail('syntax', start, 'a number was expected')
    }

    plainNumber() {
        const start = this.at, minus = this.peek() === '-'
        if (minus)
            this.at++
        let value
        if (this.peek() === "'")
            value = this.character()
        else if (isDigit(this.peek()))
            value = this.digits()
        else
            this.fail('syntax', start, 'a number was expected')
        if (minus && value > 1n << 63n)
            this.fail('range', start, 'more than 64 bits')
        return minus ? -value : value
    }

    digits() {
        const start = this.at
        let base = 10
        if (this.peek() === '0' && 'xX'.includes(this.peek(1) || ' ')) {
            base = 16
            this.at += 2
        } else if (this.peek() === '0') {
            base = 8
        }
        let value = 0n
        do {
            const digit = '0123456789abcdef'.indexOf(this.peek().toLowerCase() || ' ')
            if (digit < 0 || digit >= base)
                this.fail('syntax', this.at, 'a digit was expected')
            value = value * BigInt(base) + BigInt(digit)
            if (value >> 64n)
                this.fail('range', start, 'more than 64 bits')
            this.at++
        } while (isInside(this.peek()))
        return value
    }

    character() {
        const escaped = this.peek(1) === '\\', n = escaped ? 2 : 1
        const c = escaped ? escapedByte(this.peek(2)) : this.peek(1)
        if (!c || (!escaped && c === "'") || this.peek(n + 1) !== "'")
            this.fail('syntax', this.at, 'one character was expected in the quotes')
        this.at += n + 2
        return BigInt(c.charCodeAt(0))
    }

    quoteEnd() {
        let ahead = 1
        while (this.peek(ahead) !== '' && this.peek(ahead) !== this.peek())
            ahead += this.peek(ahead) === '\\' ? 2 : 1
        if (this.peek(ahead) === '')
            this.fail('syntax', this.at, 'this quote does not end')
        return this.at + ahead
    }

    quotedNames(field) {
        const from = this.at + 1, end = this.quoteEnd(), all = this.text.slice(from, end)
        this.at = end + 1
        const whole = nameValue(field, all)
        if (whole !== null)
            return whole
        let value = null, column = from
        for (const part of field.table.flags ? all.split('|') : [all]) {
            const name = field.table.flags ? part.replace(/^ +| +$/g, '') : part
            const bits = nameValue(field, name)
            if (bits === null)
                this.fail('name', column + part.length - part.replace(/^ +/, '').length,
                    "no such name in the field's table")
            value = value === null ? bits : mergeNames(value, bits)
            column += part.length + 1
        }
        return value
    }

    float() {
        const start = this.at
        if (this.peek() === '-')
            this.at++
        let value = this.text.startsWith('inf', this.at) ? Infinity : null
        if (value !== null)
            this.at += 3
        else
            value = this.floatDigits()
        if (value === null)
            this.fail('range', start, 'no number of at most 19 digits and 27 places: beyond that, 0x1p100')
        if (isInside(this.peek()))
            this.fail('syntax', this.at, 'unexpected after a number')
        const signed = this.text[start] === '-' ? -value : value
        return () => signed
    }

    // Null: there is no number, or one of too many digits.
    floatDigits() {
        const hex = /^0[xX]/.test(this.text.slice(this.at, this.at + 2)), base = hex ? 16 : 10
        const most = hex ? 1n << 60n : 1000000000000000000n
        let digits = 0n, power = 0, point = false, any = false
        this.at += hex ? 2 : 0
        for (;; this.at++) {
            const c = this.peek(), digit = c === '' ? -1 : '0123456789abcdef'.slice(0, base).indexOf(c.toLowerCase())
            if (c === '.' && !point) {
                point = true
                continue
            }
            if (digit < 0)
                break
            any = true
            if (digits < most)
                digits = digits * BigInt(base) + BigInt(digit)
            else if (digit)
                return null
            else
                power++
            power -= point
        }
        power *= hex ? 4 : 1
        if (any && this.peek().toLowerCase() === (hex ? 'p' : 'e')) {
            const exponent = /^[-+]?[0-9]+/.exec(this.text.slice(this.at + 1))
            if (!exponent)
                return null
            this.at += 1 + exponent[0].length
            power += Number(exponent[0])
        }
        return any ? floatValue(digits, hex, power) : null
    }

    // --- texts ---

    quoted(glob) {
        const end = this.quoteEnd()
        let text = ''
        for (this.at++; this.at < end; this.at++) {
            let c = this.peek()
            if (c === '\\') {
                const e = escapedByte(this.peek(1))
                if (!e || (glob && e === '\\'))
                    text += c
                c = e || this.peek(1)
                this.at++
            }
            if (c === '\0')
                this.fail('syntax', this.at, 'a NUL in a text')
            text += c
        }
        this.at = end + 1
        return text
    }

    bare(glob) {
        const start = this.at
        let text = ''
        while (isBare(this.peek(), glob)) {
            if (this.peek() === '\\' && this.peek(1) !== '')
                text += this.text[this.at++]
            text += this.text[this.at++]
        }
        if (this.at === start)
            this.fail('syntax', start, 'a text was expected')
        return text
    }
}
