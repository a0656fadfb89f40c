// SPDX-License-Identifier: MIT
// duckdb.js - runs each QUERY in one DuckDB in memory and prints its rows, a line each, with | between values.
// Needs @duckdb/node-api of npm in NODE_PATH. Without a QUERY: is it there?
const { DuckDBInstance } = require('@duckdb/node-api')

function text(v) {
    return v === null ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v)
}

async function main(queries) {
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
    const connection = await instance.connect()
    for (const query of queries) {
        const result = await connection.runAndReadAll(query)
        for (const row of result.getRowsJson()) console.log(row.map(text).join('|'))
    }
}

main(process.argv.slice(2)).catch(e => { console.log(String(e)); process.exit(1) })
