using System.Text;
using QRCoder;

namespace Quitanda.Platform;

/// <summary>A QR code as a picture of one path, for a page to show as it is.</summary>
public static class QrSvg
{
    /// <summary>The code of a text (error correction level M), with the white border of four modules that readers need.</summary>
    public static string Of(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new StringBuilder(8 * 1024);
        for (var y = 0; y < rows.Count; y++)
            for (var x = 0; x < rows[y].Length; x++)
            {
                if (!rows[y][x])
                    continue;
                var from = x;
                while (x + 1 < rows[y].Length && rows[y][x + 1])
                    x++;
                path.Append('M').Append(from).Append(' ').Append(y).Append('h').Append(x + 1 - from).Append("v1h-").Append(x + 1 - from).Append('z');
            }

        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {rows.Count} {rows.Count}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{rows.Count}v{rows.Count}H0z\"/><path d=\"{path}\"/></svg>";
    }
}
