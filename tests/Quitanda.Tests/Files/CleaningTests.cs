using System.Text;
using Quitanda.Files.Formats;
using Quitanda.Platform;

namespace Quitanda.Tests.Files;

/// <summary>What is kept of each format, and what is not.</summary>
public sealed class CleaningTests
{
    private static readonly byte[] Page = Encoding.ASCII.GetBytes("<html><script>alert(document.domain)</script></html>");

    public static TheoryData<string> Kinds => [.. Everything.Keys];

    /// <summary>Each with everything in it that it may bring along.</summary>
    private static Dictionary<string, byte[]> Everything { get; } = new(StringComparer.Ordinal)
    {
        ["jpeg"] = Samples.Jpeg(segments:
        [
            Samples.JpegNotes(6), Samples.Segment(0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. Samples.SecretBytes]), Samples.Segment(0xED, [.. "Photoshop 3.0\0"u8, .. Samples.SecretBytes]),
            Samples.Segment(0xFE, Samples.SecretBytes), Samples.Segment(0xE2, [.. "ICC_PROFILE\0"u8, 1, 1, 9, 9, 9]), Samples.Segment(0xE2, [.. "MPF\0"u8, .. Samples.SecretBytes]),
            Samples.Segment(0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 1, .. Samples.SecretBytes]),
        ], behind: [.. Samples.SecretBytes, .. Page]),
        ["progressive jpeg, little notes"] = Samples.Jpeg(isProgressive: true, segments: [Samples.JpegNotes(8, isLittle: true)], behind: Samples.Zip()),
        ["png"] = Samples.Png(beforeData:
        [
            Samples.PngChunk("iCCP", [.. "p\0\0"u8, 9, 9]), Samples.PngChunk("tEXt", [.. "Comment\0"u8, .. Samples.SecretBytes]), Samples.PngChunk("iTXt", Samples.SecretBytes), Samples.PngChunk("pHYs", new byte[9]),
            Samples.PngChunk("eXIf", Samples.Notes(3)), Samples.PngChunk("tIME", [7, 234, 3, 4, 12, 0, 0]), Samples.PngChunk("acTL", [0, 0, 0, 1, 0, 0, 0, 0]),
            Samples.PngChunk("fcTL", [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0]),
        ], afterData: [Samples.PngChunk("zTXt", Samples.SecretBytes), Samples.PngChunk("prVt", Samples.SecretBytes)], behind: Page),
        ["webp"] = [.. Samples.ExtendedWebp(20, 10, 0x20 | 0x08 | 0x04, Samples.WebpChunk("ICCP", [9, 9, 9]), Samples.Vp8(20, 10), Samples.WebpChunk("EXIF", Samples.Notes(6)), Samples.WebpChunk("XMP ", Samples.SecretBytes), Samples.WebpChunk("evil", Samples.SecretBytes)), .. Page],
        ["moving webp"] = Samples.ExtendedWebp(20, 10, 0x12, Samples.WebpChunk("ANIM", new byte[6]), Samples.WebpFrame(20, 10, Samples.Vp8(20, 10)), Samples.WebpFrame(8, 6, Samples.Vp8L(8, 6)), Samples.WebpChunk("XMP ", Samples.SecretBytes)),
        ["plain webp with notes"] = Samples.Webp(20, 10, Samples.WebpChunk("EXIF", Samples.Notes(6))),
        ["gif"] = Samples.Gif(blocks:
        [
            Samples.GifExtension(0xFE, Samples.SecretBytes), Samples.GifExtension(0xFF, "NETSCAPE2.0"u8.ToArray(), [1, 0, 0]), Samples.GifExtension(0xFF, "XMP DataXMP"u8.ToArray(), Samples.SecretBytes),
            Samples.GifExtension(0xF9, [4, 10, 0, 0]), Samples.GifFrame(6, 6), Samples.GifExtension(0x01, new byte[12], Samples.SecretBytes),
        ], behind: Page),
        ["pdf"] = Samples.Pdf(),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Cleaning_what_was_cleaned_changes_nothing(string kind)
    {
        var (proven, once) = Clean(Everything[kind]);
        var (again, twice) = Clean(once);

        Assert.Equal(proven, again);
        Assert.Equal(once, twice);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_comment_place_or_stowaway_comes_through(string kind)
    {
        var (_, clean) = Clean(Everything[kind]);

        Assert.False(clean.Holds(Samples.SecretBytes));
        Assert.False(clean.Holds("<script>"u8));
        Assert.False(clean.Holds("PK\x03\x04"u8));
    }

    [Fact]
    public void A_jpeg_keeps_its_data_its_colours_and_which_way_up()
    {
        var (proven, clean) = Clean(Everything["jpeg"]);

        Assert.Equal((FileFormat.Jpeg, 8, 16), (proven.Format, proven.Width, proven.Height));
        Assert.True(clean.Holds([.. Samples.Segment(0xDA, [1, 1, 0, 0, 63, 0]), .. Samples.JpegScan, 0xFF, 0xD9]));
        Assert.True(clean.Holds(Samples.Segment(0xE2, [.. "ICC_PROFILE\0"u8, 1, 1, 9, 9, 9])));
        Assert.True(clean.Holds("Adobe"u8));
        Assert.Equal(6, Exif.Orientation(clean.AsSpan(clean.AsSpan().IndexOf("Exif\0\0"u8) + 6)));
        Assert.Equal([0xFF, 0xD9], clean[^2..]);
        var (turned, _) = Clean(Everything["progressive jpeg, little notes"]);
        Assert.Equal((8, 16), (turned.Width, turned.Height));
    }

    [Fact]
    public void A_jpeg_that_stands_upright_needs_no_notes_and_no_thumbnail()
    {
        var (_, clean) = Clean(Samples.Jpeg(segments: [Samples.JpegNotes(1), Samples.Segment(0xE0, [.. "JFXX\0"u8, 0x10, .. Samples.SecretBytes])]));

        Assert.Equal(Samples.Jpeg(), clean);
    }

    [Fact]
    public void A_png_keeps_its_pixels_its_frames_and_which_way_up()
    {
        var (proven, clean) = Clean(Everything["png"]);

        Assert.Equal((FileFormat.Png, 3, 2), (proven.Format, proven.Width, proven.Height));
        Assert.Equal(
            Samples.Png(beforeData:
            [
                Samples.PngChunk("iCCP", [.. "p\0\0"u8, 9, 9]), Samples.PngChunk("pHYs", new byte[9]), Samples.PngChunk("eXIf", Exif.Only(3)), Samples.PngChunk("acTL", [0, 0, 0, 1, 0, 0, 0, 0]),
                Samples.PngChunk("fcTL", [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0]),
            ]), clean);
    }

    [Fact]
    public void A_webp_keeps_its_image_and_says_what_is_left()
    {
        var (proven, clean) = Clean(Everything["webp"]);

        Assert.Equal((FileFormat.Webp, 10, 20), (proven.Format, proven.Width, proven.Height));
        Assert.Equal(Samples.ExtendedWebp(20, 10, 0x28, Samples.WebpChunk("ICCP", [9, 9, 9]), Samples.Vp8(20, 10), Samples.WebpChunk("EXIF", Exif.Only(6))), clean);
        Assert.Equal(Samples.Webp(20, 10), Clean(Everything["plain webp with notes"]).Clean);
        Assert.Equal(
            Samples.ExtendedWebp(20, 10, 0x12, Samples.WebpChunk("ANIM", new byte[6]), Samples.WebpFrame(20, 10, Samples.Vp8(20, 10)), Samples.WebpFrame(8, 6, Samples.Vp8L(8, 6))), Clean(Everything["moving webp"]).Clean);
    }

    [Fact]
    public void A_gif_keeps_its_frames_their_timing_and_how_often_they_repeat()
    {
        var (proven, clean) = Clean(Everything["gif"]);

        Assert.Equal((FileFormat.Gif, 12, 6), (proven.Format, proven.Width, proven.Height));
        Assert.Equal(Samples.Gif(blocks: [Samples.GifExtension(0xFF, "NETSCAPE2.0"u8.ToArray(), [1, 0, 0]), Samples.GifExtension(0xF9, [4, 10, 0, 0]), Samples.GifFrame(6, 6)]), clean);
    }

    [Fact]
    public void A_pdf_is_kept_as_it_is()
    {
        var (proven, clean) = Clean(Everything["pdf"]);

        Assert.Equal(new Proven(FileFormat.Pdf, null, null), proven);
        Assert.Equal(Everything["pdf"], clean);
    }

    public static TheoryData<string, byte[], string> Refused => new()
    {
        { "nothing", [], "unsupported_media_type" },
        { "one byte", [0xFF], "unsupported_media_type" },
        { "SVG", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"u8.ToArray(), "unsupported_media_type" },
        { "HTML", Page, "unsupported_media_type" },
        { "an archive", Samples.Zip(), "unsupported_media_type" },
        { "space before a PDF", [.. " "u8, .. Samples.Pdf()], "unsupported_media_type" },
        { "GIF that is a script", "GIF89a=1;alert(document.domain);/*"u8.ToArray(), "image_too_large" },
        { "GIF that is a script with room", [.. "GIF89a/*"u8, .. new byte[40], .. "*/=1;alert(1)"u8], "malformed_file" },
        { "PDF with an archive behind it", Samples.Pdf(behind: Samples.Zip()), "malformed_file" },
        { "PDF inside an archive whose comment ends it", [.. Samples.Pdf()[..9], .. Samples.Zip(comment: "startxref\n0\n%%EOF\n"u8.ToArray())], "malformed_file" },
        { "PDF with a page behind it", Samples.Pdf(behind: Page), "malformed_file" },
        { "PDF without an end", Samples.Pdf()[..60], "malformed_file" },
        { "PDF of no version", [.. "%PDF-x.y\n"u8, .. Samples.Pdf()[9..]], "malformed_file" },
        { "JPEG cut off", Samples.Jpeg()[..^4], "malformed_file" },
        { "JPEG of nothing but its start", [0xFF, 0xD8, 0xFF], "malformed_file" },
        { "JPEG without an image", [0xFF, 0xD8, .. Samples.Segment(0xFE, Samples.SecretBytes), 0xFF, 0xD9], "malformed_file" },
        { "JPEG with a page between its segments", [.. Samples.Jpeg()[..20], .. Page, .. Samples.Jpeg()[20..]], "malformed_file" },
        { "JPEG with a page as a table", Samples.Jpeg(segments: [Samples.Segment(0xDB, Page)]), "malformed_file" },
        { "JPEG of two frames", Samples.Jpeg(segments: [Samples.Segment(0xC0, [8, 0, 1, 0, 1, 1, 1, 0x11, 0])]), "malformed_file" },
        { "JPEG without height", Samples.Jpeg(height: 0), "malformed_file" },
        { "PNG cut off", Samples.Png()[..^12], "malformed_file" },
        { "PNG with a wrong sum", Flipped(Samples.Png(), 30), "malformed_file" },
        { "PNG without data", [.. Samples.Png()[..33], .. Samples.PngChunk("IEND", [])], "malformed_file" },
        { "PNG with data in two places", Samples.Png(afterData: [Samples.PngChunk("tEXt", []), Samples.PngChunk("IDAT", [1])]), "malformed_file" },
        { "PNG with a chunk that nobody knows and must", Samples.Png(beforeData: [Samples.PngChunk("EVIL", Page)]), "malformed_file" },
        { "PNG with a chunk without a name", Samples.Png(beforeData: [Samples.PngChunk("<htm", Page)]), "malformed_file" },
        { "PNG whose chunk is longer than it", [.. Samples.Png()[..33], 0x7F, 0xFF, 0xFF, 0xFF, .. "IDAT"u8], "malformed_file" },
        { "PNG with a frame beside it", Samples.Png(beforeData: [Samples.PngChunk("fcTL", [0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 2, .. new byte[14]])]), "malformed_file" },
        { "PNG bomb", Samples.Png(100_000, 100_000), "image_too_large" },
        { "JPEG bomb", Samples.Jpeg(65_535, 65_535), "image_too_large" },
        { "WebP bomb", Samples.ExtendedWebp(16_777_216, 16_777_216, 0, Samples.Vp8(1, 1)), "image_too_large" },
        { "GIF bomb", Samples.Gif(65_535, 65_535), "image_too_large" },
        { "WebP cut off", Samples.Webp()[..^4], "malformed_file" },
        { "WebP without an image", Samples.Riff(Samples.WebpHeader(2, 2, 0)), "malformed_file" },
        { "WebP whose image is larger than it says", Samples.ExtendedWebp(2, 2, 0, Samples.Vp8(20, 10)), "malformed_file" },
        { "WebP with a stowaway in a frame", Samples.ExtendedWebp(20, 10, 2, Samples.WebpChunk("ANIM", new byte[6]), Samples.WebpFrame(20, 10, Samples.Vp8(20, 10), Samples.WebpChunk("evil", Page))), "malformed_file" },
        { "WebP of a hundred thousand chunks", Samples.Webp(20, 10, [.. Enumerable.Repeat(Samples.WebpChunk("evil", []), 100_000)]), "malformed_file" },
        { "GIF with a frame beside its screen", [.. Samples.Gif()[..^17], .. Samples.GifFrame(600, 6), 0x3B], "malformed_file" },
        { "GIF without an end", Samples.Gif()[..^1], "malformed_file" },
        { "GIF without a frame", [.. Samples.Gif()[..19], 0x3B], "malformed_file" },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void What_is_not_wholly_one_of_ours_is_refused(string what, byte[] bytes, string code) =>
        Assert.True(Assert.Throws<RefusedException>(() => Clean(bytes)) is { } refused && refused.Code == code, $"{what} was not refused as {code}");

    [Fact]
    public void However_a_file_is_cut_or_bent_it_is_refused_or_cleaned_to_something_that_stays()
    {
        var random = new Random(20260304);
        foreach (var whole in Everything.Values)
            for (var round = 0; round < Size.Of(normal: 400, full: 20_000); round++)
            {
                byte[] bent = random.Next(3) == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
                for (var flips = random.Next(4); flips > 0 && bent.Length > 0; flips--)
                    bent[random.Next(bent.Length)] = (byte)random.Next(256);
                try
                {
                    var (proven, once) = Clean(bent);
                    Assert.Equal((proven, Convert.ToHexString(once)), (Clean(once).Proven, Convert.ToHexString(Clean(once).Clean)));
                    Assert.True(once.Length <= bent.Length + 64);
                }
                catch (RefusedException refused)
                {
                    Assert.Contains(refused.Code, (string[])["unsupported_media_type", "malformed_file", "image_too_large"], StringComparer.Ordinal);
                }
            }
    }

    [Fact]
    public void Pixels_are_counted_by_the_setting()
    {
        Assert.Equal("image_too_large", Assert.Throws<RefusedException>(() => Clean(Samples.Png(3, 2), most: 5)).Code);
        Clean(Samples.Png(3, 2), most: 6);
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }

    private static (Proven Proven, byte[] Clean) Clean(byte[] bytes, long most = 50_000_000)
    {
        using var source = new MemoryStream(bytes);
        using var target = new MemoryStream();
        var proven = FileFormat.Clean(source, target, new PixelLimit(most));
        return (proven, target.ToArray());
    }
}
