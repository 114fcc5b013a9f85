// An office's web service by node-soap: records as elements, records as XML in a text, and what it was handed.
const fs = require("fs")
const http = require("http")
const soap = require("soap")

const [, , port, wsdl, secret] = process.argv
const rows = Array.from({ length: 25 }, (_, n) => ({ BH: `消防〔2024〕${n + 1}号`, GXSJ: `2026-10-${String(n + 1).padStart(2, "0")}` }))
const taken = {}

const xml = (row) => `<ROW><BH>${row.BH}</BH><GXSJ>${row.GXSJ}</GXSJ></ROW>`
const answer = (code, total, content) =>
    `<?xml version="1.0" encoding="GBK"?><R><HEAD><CODE>${code}</CODE><TOTAL>${total}</TOTAL></HEAD><DATA>${content}</DATA></R>`
const field = (text, name) => (new RegExp(`<${name}>([^<]*)</${name}>`).exec(text) || ["", ""])[1]

const port11 = {
    Query: ({ since, page }) => {
        const found = rows.filter((row) => !since || row.GXSJ >= since)
        return { record: found.slice((Number(page) - 1) * 10, Number(page) * 10) }
    },
    queryData: ({ in0, in1, in2, in3 }) => {
        if (in1 !== secret) return { return: answer(9001, 0, "") }
        const [since, page] = [field(in3, "KSSJ"), Number(field(in3, "YM"))]
        const found = rows.filter((row) => in2 === "XFKY" && (!since || row.GXSJ >= since))
        return { return: answer(1, found.length, found.slice((page - 1) * 10, page * 10).map(xml).join("")) }
    },
    saveData: ({ in0, in1, in2 }) => {
        const verdicts = in2.split("<ROW>").slice(1).map((row) => {
            const [key, name] = [field(row, "LSH"), field(row, "MC")]
            if (name) taken[key] = name
            return `<ROW><LSH>${key}</LSH><JG>${name ? 0 : 5}</JG><YY>${name ? "" : "缺少名称"}</YY></ROW>`
        })
        return { return: answer(1, verdicts.length, verdicts.join("")) }
    },
}

const server = http.createServer((_, response) => response.writeHead(404).end())
server.listen(Number(port), "127.0.0.1", () => {
    const service = soap.listen(server, "/office", { Office: { OfficePort: port11 } }, fs.readFileSync(wsdl, "utf8"))
    service.authenticate = (security) => {
        const token = security?.UsernameToken
        return !token || (token.Password?.$value ?? token.Password) === secret
    }
})
