-- Requests as browsers and mail clients send them, with their real headers, because parsing those is most of
-- a collector's work; and the result as one line of JSON. Run by bench/wrk.ts, which says in CONNECTION
-- whether connections are kept (keep-alive, as browsers say) or every request has one of its own (close).

local connection = os.getenv("CONNECTION") or "keep-alive"

local chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
  .. "Chrome/%d.0.0.0 Safari/537.36"
local firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/%d.0"

local function chromeHeaders(version)
  return {
    ["Connection"] = connection,
    ["sec-ch-ua-platform"] = '"Windows"',
    ["User-Agent"] = chrome:format(version),
    ["sec-ch-ua"] = ('"Chromium";v="%d", "Google Chrome";v="%d", "Not_A Brand";v="24"')
      :format(version, version),
    ["sec-ch-ua-mobile"] = "?0",
    ["Accept"] = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    ["Sec-Fetch-Site"] = "cross-site",
    ["Sec-Fetch-Mode"] = "no-cors",
    ["Sec-Fetch-Dest"] = "image",
    ["Referer"] = ("https://shop.example/articles/2026/%d/a-page-with-a-name-of-some-length"):format(version),
    ["Accept-Encoding"] = "gzip, deflate, br, zstd",
    ["Accept-Language"] = "en-US,en;q=0.9,de;q=0.8",
  }
end

local function firefoxHeaders(version)
  return {
    ["User-Agent"] = firefox:format(version, version),
    ["Accept"] = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
    ["Accept-Language"] = "de,en-US;q=0.7,en;q=0.3",
    ["Accept-Encoding"] = "gzip, deflate, br, zstd",
    ["Connection"] = connection,
    ["Referer"] = "https://mail.example/",
    ["Sec-Fetch-Dest"] = "image",
    ["Sec-Fetch-Mode"] = "no-cors",
    ["Sec-Fetch-Site"] = "cross-site",
    ["Priority"] = "u=5, i",
  }
end

local requests = {}
local turn = 0

function init()
  for version = 120, 143 do
    requests[#requests + 1] = wrk.format("GET", nil, chromeHeaders(version))
    if version % 3 == 0 then
      requests[#requests + 1] = wrk.format("GET", nil, firefoxHeaders(version))
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(('{"replies":%d,"notOk":%d,"broken":%d,"seconds":%.6f,'):format(
    summary.requests, errors.status, broken, summary.duration / 1e6))
  io.write(('"p50Ms":%.3f,"p99Ms":%.3f,"p999Ms":%.3f,"maxMs":%.3f}\n'):format(
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3,
    latency.max / 1e3))
end
