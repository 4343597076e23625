using System.Globalization;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Calendars;
using Quitanda.Booking.Listings;

namespace Quitanda.Tests.Booking.Calendars;

/// <summary>When a calendar elsewhere is busy, by its words alone.</summary>
public sealed class CalendarReaderTests
{
    private static readonly Period Window = new(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2028, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Times in UTC, of a listing by the hour in New York.</summary>
    [Theory]
    [InlineData("DTSTART:20260310T140000Z\nDTEND:20260310T150000Z", "0310T14:00-0310T15:00")]
    [InlineData("DTSTART:20260310T140700Z\nDURATION:PT20M", "0310T14:00-0310T14:30")]
    // Floating and of days: the listing's own.
    [InlineData("DTSTART:20260310T140000\nDTEND:20260310T150000", "0310T18:00-0310T19:00")]
    [InlineData("DTSTART;VALUE=DATE:20260308", "0308T05:00-0309T04:00")]
    [InlineData("DTSTART;VALUE=DATE:20261101\nDTEND;VALUE=DATE:20261103", "1101T04:00-1103T05:00")]
    // Zones by their own names, behind a maker's prefix, and by those of Windows.
    [InlineData("DTSTART;TZID=Europe/Lisbon:20260701T100000\nDTEND;TZID=Europe/Lisbon:20260701T110000", "0701T09:00-0701T10:00")]
    [InlineData("DTSTART;TZID=\"/mozilla.org/20050126_1/America/Argentina/Buenos_Aires\":20260701T100000\nDURATION:PT1H", "0701T13:00-0701T14:00")]
    [InlineData("DTSTART;TZID=E. South America Standard Time:20260701T100000\nDURATION:PT1H", "0701T13:00-0701T14:00")]
    // A time that no clock shows, and one that is shown twice.
    [InlineData("DTSTART:20260308T023000\nDURATION:PT1H", "0308T07:30-0308T08:30")]
    [InlineData("DTSTART:20261101T013000\nDTEND:20261101T023000", "1101T05:30-1101T07:30")]
    // What keeps nobody out.
    [InlineData("DTSTART:20260310T140000Z\nDTEND:20260310T150000Z\nSTATUS:CANCELLED", "")]
    [InlineData("DTSTART:20260310T140000Z\nDTEND:20260310T150000Z\nTRANSP:TRANSPARENT", "")]
    [InlineData("DTSTART:20260310T140000Z", "")]
    [InlineData("DTSTART:20260310T140000Z\nDTEND:20260310T130000Z", "")]
    [InlineData("DTSTART:20200310T140000Z\nDURATION:PT1H", "")]
    // It comes again at the same time of the clock on the wall.
    [InlineData("DTSTART:20260307T100000\nDTEND:20260307T110000\nRRULE:FREQ=DAILY;COUNT=2", "0307T15:00-0307T16:00 0308T14:00-0308T15:00")]
    [InlineData("DTSTART:20260301T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260302T100000Z,20260303T100000Z\nRDATE:20260401T080000Z", "0301T10:00-0301T11:00 0304T10:00-0304T11:00 0401T08:00-0401T09:00")]
    [InlineData("DTSTART:20260301T100000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20260401T080000Z/20260401T100000Z,20260402T080000Z/PT30M", "0301T10:00-0301T11:00 0401T08:00-0401T10:00 0402T08:00-0402T08:30")]
    public void An_event_is_busy_when_it_says(string lines, string expected) => Assert.Equal(expected, Busy(lines));

    [Fact]
    public void One_of_many_times_may_be_moved_or_called_off()
    {
        const string Moved = """
            BEGIN:VCALENDAR
            BEGIN:VEVENT
            UID:a
            DTSTART:20260301T100000Z
            DURATION:PT1H
            RRULE:FREQ=WEEKLY;COUNT=4
            END:VEVENT
            BEGIN:VEVENT
            UID:a
            RECURRENCE-ID:20260308T100000Z
            DTSTART:20260309T120000Z
            DURATION:PT2H
            END:VEVENT
            BEGIN:VEVENT
            UID:a
            RECURRENCE-ID:20260315T100000Z
            DTSTART:20260315T100000Z
            STATUS:CANCELLED
            BEGIN:VALARM
            DTSTART:20260601T100000Z
            DURATION:PT15M
            END:VALARM
            END:VEVENT
            END:VCALENDAR
            """;
        Assert.Equal("0301T10:00-0301T11:00 0309T12:00-0309T14:00 0322T10:00-0322T11:00", Text(Read(Moved, RentalUnit.Hour)));
    }

    [Fact]
    public void Of_a_listing_by_the_day_every_day_is_closed_that_is_touched_and_what_overlaps_is_one()
    {
        var busy = Read(FeedServer.Calendar(["DTSTART:20260310T180000Z\r\nDTEND:20260312T150000Z", "DTSTART;VALUE=DATE:20260312\r\nDTEND;VALUE=DATE:20260314", "DTSTART;VALUE=DATE:20260314"]), RentalUnit.Day);
        Assert.Equal("0310T04:00-0314T04:00 0314T04:00-0315T04:00", Text(busy));
        // What reaches beyond what is looked at is cut there.
        Assert.Equal(Window with { From = Window.From.AddHours(-19), Until = Window.Until.AddHours(5) }, Assert.Single(Read(FeedServer.Calendar(["DTSTART:00010101T000000Z\r\nDTEND:99991231T000000Z"]), RentalUnit.Day)));
    }

    [Fact]
    public async Task What_comes_again_does_so_when_a_library_of_others_says()
    {
        string[] rules =
        [
            "FREQ=DAILY;INTERVAL=3;UNTIL=20261231T000000", "FREQ=DAILY;COUNT=40;BYDAY=MO,WE,FR", "FREQ=DAILY;BYMONTH=2;UNTIL=20270301T000000", "FREQ=WEEKLY;COUNT=30", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU;COUNT=25",
            "FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU,SU;COUNT=25", "FREQ=MONTHLY;COUNT=12", "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=8", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=12", "FREQ=MONTHLY;BYDAY=2TU;COUNT=12", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=12",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=12", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;UNTIL=20271231T000000", "FREQ=MONTHLY;INTERVAL=5;COUNT=5", "FREQ=YEARLY;UNTIL=20271231T000000", "FREQ=YEARLY;BYMONTH=6,7;COUNT=4",
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1,15;COUNT=4",
        ];
        // From a Tuesday on, at noon.
        var calendar = FeedServer.Calendar(rules.Select(rule => $"DTSTART:20260106T120000\r\nDURATION:PT1H\r\nRRULE:{rule}"));
        var said = (await IcalLibrary.Read(calendar, until: 2028)).GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(rules.Length, said.Count);
        foreach (var (rule, theirs) in rules.Zip(said))
        {
            var ours = Recurrence.Parse(rule, TimeZoneInfo.Utc).From(new(new(2026, 1, 6, 12, 0, 0), TimeZoneInfo.Utc, IsDay: false), new(2026, 1, 1), new(2028, 1, 1), new Effort(100_000));
            // The library leaves out a beginning that its rule does not name; we do not: the event says so itself.
            var expected = theirs.GetProperty("times").EnumerateArray().Select(time => time.GetString()!).ToList();
            var found = ours.Select(wall => wall.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)).ToList();
            Assert.True(expected.SequenceEqual(found, StringComparer.Ordinal) || expected.SequenceEqual(found.Skip(1), StringComparer.Ordinal) || expected.SkipLast(1).SequenceEqual(found.Skip(1), StringComparer.Ordinal), $"{rule}\n{string.Join(' ', expected)}\n{string.Join(' ', found)}");
        }
    }

    [Fact]
    public void The_twentieth_Monday_of_a_year_is_that_of_the_example_in_RFC_5545()
    {
        var mondays = Recurrence.Parse("FREQ=YEARLY;BYDAY=20MO", TimeZoneInfo.Utc).From(new(new(1997, 5, 19, 9, 0, 0), TimeZoneInfo.Utc, IsDay: false), new(1997, 1, 1), new(2000, 1, 1), new Effort(5000));
        Assert.Equal([new(1997, 5, 19, 9, 0, 0), new(1998, 5, 18, 9, 0, 0), new DateTime(1999, 5, 17, 9, 0, 0)], mondays);
    }

    /// <summary>Random, and the same each time: what failed once fails again.</summary>
    [Fact]
    public void Whatever_somebody_makes_of_a_calendar_is_read_or_refused()
    {
        var whole = FeedServer.Calendar([
            "DTSTART;TZID=America/Sao_Paulo:20260310T100000\r\nDTEND;TZID=America/Sao_Paulo:20260310T110000\r\nRRULE:FREQ=MONTHLY;BYDAY=2TU,-1FR;BYSETPOS=1,-1;INTERVAL=2;UNTIL=20270101T000000Z\r\nEXDATE:20260512T130000Z",
            "DTSTART;VALUE=DATE:20260310\r\nDURATION:P1W2D\r\nRRULE:FREQ=YEARLY;BYMONTH=2,3;BYMONTHDAY=-1,29;COUNT=9;WKST=SU\r\nRDATE;VALUE=PERIOD:20260401T080000Z/PT30M,20260402T080000Z/20260402T090000Z",
            "DTSTART:20260301T100000Z\r\nRECURRENCE-ID;VALUE=DATE:20260308\r\nDURATION:PT1H"]);
#pragma warning disable CA5394 // Not a secret.
        var random = new Random(7);
        var isRead = 0;
        for (var turn = 0; turn < 4000; turn++)
        {
            var text = new System.Text.StringBuilder(whole);
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                var at = random.Next(text.Length);
                if (random.Next(3) == 0)
                    text.Remove(at, random.Next(Math.Min(8, text.Length - at)));
                else
                    text[at] = "0189-;:=,T/PZ\"\r\nBD"[random.Next(18)];
            }

            try
            {
                Read(text.ToString(), turn % 2 == 0 ? RentalUnit.Day : RentalUnit.Hour);
                isRead++;
            }
            catch (FeedException)
            {
                // As it should be.
            }
        }
#pragma warning restore CA5394
        Assert.InRange(isRead, 100, 3900);
    }

    [Fact]
    public void What_began_long_ago_is_found_without_counting_all_of_it()
    {
        var since = Recurrence.Parse("FREQ=WEEKLY;INTERVAL=2", TimeZoneInfo.Utc).From(new(new(1900, 1, 1, 12, 0, 0), TimeZoneInfo.Utc, IsDay: false), new(2026, 1, 1), new(2026, 2, 15), new Effort(200)).ToList();
        Assert.All(since.Skip(1), wall => Assert.Equal(0, (wall.Date - new DateTime(1900, 1, 1)).Days % 14));
        Assert.Equal(3, since.Count(wall => wall > new DateTime(2026, 1, 1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("BEGIN:VEVENT\nEND:VEVENT")]
    [InlineData("BEGIN:VCALENDAR\nEND:VEVENT")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nEND:VEVENT\nEND:VCALENDAR")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:tomorrow\nEND:VEVENT\nEND:VCALENDAR")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260301T100000Z\nDURATION:P9999999999D\nEND:VEVENT\nEND:VCALENDAR")]
    [InlineData("<html></html>")]
    public void What_is_no_calendar_is_none(string text) => Assert.Equal(FeedError.NotACalendar, Assert.Throws<FeedException>(() => Read(text, RentalUnit.Day)).Error);

    [Theory]
    [InlineData("Mars/Olympus")]
    [InlineData("America")]
    [InlineData("leapseconds")]
    [InlineData("../../etc/passwd")]
    public void A_zone_that_nobody_knows_is_named_and_no_file_is_read_for_it(string zone) =>
        Assert.Equal(FeedError.UnknownTimeZone, Assert.Throws<FeedException>(() => Busy($"DTSTART;TZID={zone}:20260701T100000\nDURATION:PT1H")).Error);

    private static string Busy(string lines) => Text(Read(FeedServer.Calendar([lines.Replace("\n", "\r\n", StringComparison.Ordinal)]), RentalUnit.Hour));

    private static string Text(IEnumerable<Period> busy) => string.Join(' ', busy.Select(period => string.Create(CultureInfo.InvariantCulture, $"{period.From:MMdd'T'HH:mm}-{period.Until:MMdd'T'HH:mm}")));

    private static List<Period> Read(string text, RentalUnit unit) => new CalendarReader(new Listing
    {
        Id = Guid.CreateVersion7(),
        OwnerId = Guid.CreateVersion7(),
        Title = "",
        Description = "",
        Category = "",
        Unit = unit,
        TimeZone = "America/New_York",
        Currency = "USD",
        Price = 1,
        City = "",
        Terms = new() { Pricing = new(unit, new(1, "USD")) },
        Units = 1,
        IsPooled = false,
        Instant = true,
        IsActive = true,
        Approval = Approval.Approved,
        CreatedAt = default,
        UpdatedAt = default,
    }, Window).Busy(text);
}
