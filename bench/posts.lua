-- What wrk posts: a text with a number, once for each line of a file, which is a member's
-- cookie. Says when the first and the last answer came, and how many were accepted.
local path, text, cookies, number, answered, accepted = "", "", {}, 0, 0, 0

function init(arguments)
  path = arguments[1]
  for cookie in io.lines(arguments[2]) do
    cookies[#cookies + 1] = cookie
  end
  text = arguments[3]
end

function delay()
  return number > #cookies and 60000 or 0
end

-- wrk asks once only to see whether it can.
function request()
  local cookie = cookies[math.max(number, 1)] or ""
  local body = "as=member&body=" .. text .. "+" .. number .. "."
  number = number + 1
  return wrk.format("POST", path, {
    ["Host"] = wrk.headers["Host"],
    ["Cookie"] = cookie,
    ["Sec-Fetch-Site"] = "same-origin",
    ["Content-Type"] = "application/x-www-form-urlencoded",
  }, body)
end

function response(status)
  answered = answered + 1
  if status == 303 then
    accepted = accepted + 1
  end
  if answered == 1 or answered == #cookies then
    io.write(accepted .. " accepted\n")
    io.flush()
  end
end
