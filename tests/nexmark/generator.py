"""The Nexmark generator straight from its definition (runtime/connectors/nexmark/skeleton.h, random.h, words.h), an event at
a time. Slow and plain: the compiled one, which makes columns a group at a time, is compared with it."""
GROUP, FIRST_BID, FIRST_ID = 50, 4, 1000
BASE = 1436918400000  # milliseconds
M32 = 0xFFFFFFFF
M64 = 0xFFFFFFFFFFFFFFFF

(DRAW_AUCTION, DRAW_BIDDER, DRAW_PRICE, DRAW_CHANNEL, DRAW_EXTRA,
 DRAW_SELLER, DRAW_CATEGORY, DRAW_RESERVE, DRAW_EXPIRES, DRAW_ITEM, DRAW_ITEM_SIZE, DRAW_DESCRIPTION, DRAW_DESCRIPTION_SIZE,
 DRAW_NAME, DRAW_USER, DRAW_USER_SIZE, DRAW_HOST, DRAW_HOST_SIZE, DRAW_CARD_HIGH, DRAW_CARD_LOW, DRAW_CITY, DRAW_STATE,
 DRAW_URL) = range(23)
DRAW_HAS_ID = DRAW_URL + 3

FIRST = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"]
LAST = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"]
CITIES = ["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"]
STATES = ["AZ", "CA", "ID", "OR", "WA", "WY"]
HOT = ["Google", "Facebook", "Baidu", "Apple"]
POLYNOMIAL = [2977044473, 1031764902, 238389752, 41301092, 5750554, 627479, 89043]


def mix64(x):
    x = (x + 0x9E3779B97F4A7C15) & M64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & M64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & M64
    return x ^ (x >> 31)


def mix32(x):
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & M32
    x = ((x ^ (x >> 15)) * 0x846CA68B) & M32
    return x ^ (x >> 16)


def below(u, n, bits=32):
    return ((u & ((1 << bits) - 1)) * n) >> bits


def price(u):
    x = u * 2675169849
    f = (x >> 27) & M32
    p = POLYNOMIAL[6]
    for k in range(5, -1, -1):
        p = POLYNOMIAL[k] + ((p * f) >> 32)
    p = (p * f) >> 32
    return ((100 * ((1 << 32) + p) << (x >> 59)) + (1 << 31)) >> 32


class Generator:
    def __init__(self, rate=10000, seed=1, out_of_order=1):
        self.rate, self.seed, self.k = rate, seed, out_of_order
        self.keys = {}
        self.make_words()

    def key(self, epoch, draw):
        if (epoch, draw) not in self.keys:
            self.keys[epoch, draw] = mix64((mix64(self.seed) + (epoch << 8) + draw) & M64) >> 32
        return self.keys[epoch, draw]

    def draw(self, e, draw):
        group, place = divmod(e, GROUP)
        return mix32(((((group & 0x3FFFFFF) << 6) | place) + self.key(group >> 26, draw)) & M32)

    def make_words(self):
        far = 1 << 50
        phrases, letters = self.key(far, 0), self.key(far + 1, 0)
        at = lambda i, key: mix32((i + key) & M32)
        pool = (1 << 16) + 1024
        self.phrases = "".join(" " if below(at(i, phrases), 13, 16) == 0 else chr(97 + below(at(i, phrases) >> 16, 26, 16)) for i in range(pool))
        self.letters = "".join(chr(97 + below(at(i, letters), 26)) for i in range(pool))
        self.channels, self.urls = [], []
        for i in range(4 + 10000):
            self.channels.append(HOT[i] if i < 4 else f"channel-{i - 4}")
            parts = [self.phrase(u, (u << 16) & M32, 5).replace(" ", "_") for u in (at(i, self.key(far + 2, DRAW_URL + p)) for p in range(3))]
            url = "https://www.nexmark.com/" + "/".join(parts) + "/item.htm?query=1"
            if i >= 4 and below(at(i, self.key(far + 2, DRAW_HAS_ID)), 10) != 0:
                reverse = int(f"{i - 4:032b}"[::-1], 2)
                url += f"&channel_id={abs(reverse - (1 << 32) if reverse >> 31 else reverse)}"
            self.urls.append(url)

    def phrase(self, at, size, m):
        return self.phrases[at >> 16:(at >> 16) + 3 + below(size, m - 3)].strip(" ")

    def extra(self, u, size):
        spread = (size * 2 + 5) // 10
        return self.letters[u >> 16:(u >> 16) + size - spread + below(u, 2 * spread, 16)]

    def millis(self, e):
        return BASE + (e * 1_000_000 // self.rate) // 1000

    def some_person(self, last, u, bits):
        count = last + 1
        active = min(count, 1000)
        return count - active + below(u, active + 10, bits) + FIRST_ID

    def event(self, e):
        """(case, row) of event e; times in milliseconds."""
        p, r = divmod(e, GROUP)
        at = self.millis(e)
        if r == 0:
            name = below(self.draw(e, DRAW_NAME), 99)
            name = FIRST[name // 9] + " " + LAST[name % 9]
            email = self.phrase(self.draw(e, DRAW_USER), self.draw(e, DRAW_USER_SIZE), 7) + "@" + \
                self.phrase(self.draw(e, DRAW_HOST), self.draw(e, DRAW_HOST_SIZE), 5) + ".com"
            high, low = self.draw(e, DRAW_CARD_HIGH), self.draw(e, DRAW_CARD_LOW)
            card = " ".join(f"{below(x, 10000, 16):04}" for x in (high >> 16, high, low >> 16, low))
            city, state = CITIES[below(self.draw(e, DRAW_CITY), 10)], STATES[below(self.draw(e, DRAW_STATE), 6)]
            extra = self.extra(self.draw(e, DRAW_EXTRA), 200 - 8 - len(name + email + card + city + state))
            return "person", dict(id=FIRST_ID + p, name=name, email=email, credit_card=card, city=city, state=state, at=at, extra=extra)
        if r < FIRST_BID:
            item = self.phrase(self.draw(e, DRAW_ITEM), self.draw(e, DRAW_ITEM_SIZE), 20)
            description = self.phrase(self.draw(e, DRAW_DESCRIPTION), self.draw(e, DRAW_DESCRIPTION_SIZE), 100)
            initial = price(self.draw(e, DRAW_PRICE))
            horizon = self.millis(e + 1666) - at
            u = self.draw(e, DRAW_SELLER)
            return "auction", dict(
                id=FIRST_ID + p * 3 + r - 1, item_name=item, description=description, initial_bid=initial,
                reserve=initial + price(self.draw(e, DRAW_RESERVE)), at=at,
                expires=at + 1 + below(self.draw(e, DRAW_EXPIRES), max(2 * horizon, 1)),
                seller=p // 100 * 100 + FIRST_ID if u >> 30 else self.some_person(p, u, 30),
                category=10 + below(self.draw(e, DRAW_CATEGORY), 5),
                extra=self.extra(self.draw(e, DRAW_EXTRA), 500 - 48 - len(item) - len(description)))
        last = p * 3 + 2
        u = self.draw(e, DRAW_AUCTION)
        lowest = max(last - 100, 0)
        auction = last // 100 * 100 + FIRST_ID if u >> 31 else lowest + below(u, last - lowest + 1 + 10, 31) + FIRST_ID
        u = self.draw(e, DRAW_BIDDER)
        bidder = p // 100 * 100 + 1 + FIRST_ID if u >> 30 else self.some_person(p, u, 30)
        u = self.draw(e, DRAW_CHANNEL)
        channel = below(u, 4, 31) if u >> 31 else 4 + below(u, 10000, 31)
        return "bid", dict(auction=auction, bidder=bidder, price=price(self.draw(e, DRAW_PRICE)), channel=self.channels[channel],
                           url=self.urls[channel], at=at, extra=self.extra(self.draw(e, DRAW_EXTRA), 68))

    def events(self, count):
        """In the order in which they come."""
        for n in range(count):
            yield self.event(n // self.k * self.k + n * 953 % self.k if self.k > 1 else n)
